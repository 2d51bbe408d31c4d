import { readAt, type UnsignedCall } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { interfaceOf } from "../../sdk/contracts.ts";
import { certificatesToRemember, parseNitroDocument } from "../../tee/nitro/index.ts";

/**
 * The transaction that remembers the highest certificate of a document that the chain does not know yet, or null if it
 * knows all. Each is verified below the one before it, which must be remembered by then. Of an enclave that was started
 * not long after others of its zone, only one or two are new; its signer's is new every three hours.
 */
export async function rememberNext(
  document: Uint8Array,
  verifier: string,
  client: Client,
): Promise<UnsignedCall | null> {
  const ofVerifier = { contract: "nitroQuoteVerifier", functionName: "CERTIFICATES", args: [] } as const;
  const to = await readAt(client, verifier, ofVerifier);
  for (const { id, issuer, certificate } of certificatesToRemember(parseNitroDocument(document))) {
    const ofStore = { contract: "nitroCertificates", functionName: "certificateOf", args: [id] } as const;
    const known = await readAt(client, to, ofStore);
    if (Number(known.notAfter) > 0) continue;
    const data = interfaceOf("nitroCertificates").encodeFunctionData("remember", [certificate, issuer]);
    return { label: "NitroCertificates.remember", to, data, value: 0n };
  }
  return null;
}
