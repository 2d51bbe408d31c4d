import { sign384 } from "../../../../workers/tee/development/nitro.ts";
import {
  DOCUMENT,
  document,
  ENCLAVE,
  idOf,
  INSTANCE,
  REGION,
  ROOT,
  startChain,
  deployUnder,
  START,
  ZONE,
} from "./fixture.ts";

const CERTIFICATES = [
  ["a region", REGION],
  ["a zone", ZONE],
  ["an instance", INSTANCE],
  ["an enclave", ENCLAVE],
] as const;

export type GasFigures = Record<string, number>;

/** Gas of whole transactions, base cost and calldata included, on a chain with today's prices and with earlier ones. */
export async function measureGas(): Promise<GasFigures> {
  const figures: GasFigures = {};
  for (const [suffix, hardfork] of [
    ["", "osaka"],
    [" (cheaper MODEXP)", "prague"],
  ] as const) {
    const measured = await measureOn(hardfork);
    for (const [name, gas] of Object.entries(measured)) figures[name + suffix] = Number(gas);
  }
  return figures;
}

async function measureOn(hardfork: "osaka" | "prague"): Promise<Record<string, bigint>> {
  const chain = await startChain(START, hardfork);
  const base = await deployUnder(ROOT, chain);
  const figures: Record<string, bigint> = {};
  let issuer = idOf(ROOT);
  for (const [name, certificate] of CERTIFICATES) {
    figures[`remember the certificate of ${name}`] = await base.certificates.remember.estimateGas(certificate, issuer);
    await base.certificates.remember(certificate, issuer);
    issuer = idOf(certificate);
  }
  const quote = document({ isIndefinite: true });
  figures[`verify a document of ${quote.length} bytes`] = await base.verifier.verify.estimateGas(quote);

  const harness = await chain.ethers.deployContract("Sha384Harness");
  const hash = async (length: number) => BigInt(String(await harness.getFunction("gasOf")(new Uint8Array(length))));
  figures["SHA-384, per KB"] = (await hash(5120)) - (await hash(4096));
  const message = Buffer.from("message");
  const digest = Buffer.from(await crypto.subtle.digest("SHA-384", message));
  const signature = Buffer.from(sign384(message, DOCUMENT.signer));
  const point = Buffer.from(DOCUMENT.signer.point);
  figures["a signature on P-384"] = await base.p384.isValid.estimateGas(
    numberAt(digest, 0),
    numberAt(signature, 0),
    numberAt(signature, 48),
    { x: numberAt(point, 0), y: numberAt(point, 48) },
  );
  return figures;
}

function numberAt(bytes: Buffer, from: number) {
  const part = (start: number, end: number) => `0x${bytes.toString("hex", from + start, from + end)}`;
  return { high: part(0, 16), low: part(16, 48) };
}
