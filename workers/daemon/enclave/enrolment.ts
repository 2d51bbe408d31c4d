/** What goes into an enrolment: the quote of a fresh report, and the key's word that it wants it. */
import {
  concat,
  decodeBytes32String,
  getBytes,
  hexlify,
  keccak256,
  type SigningKey,
  TypedDataEncoder,
  computeAddress,
} from "ethers";

import { read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import type { Arguments } from "../../sdk/contracts.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import { WorkerError } from "../worker-error.ts";
import type { QuoteProvider } from "./quote-provider.ts";

export type Enrolment = Arguments<"enclaveRegistry", "enroll">[0];

/** How reads of the chain are repeated. */
export type Retrying = Endpoint["retrying"];

export interface QuoteVerifier {
  readonly id: bigint;
  readonly address: string;
}

/** What the key signs: it takes this quote for this worker. The registry's domain keeps it to one chain and registry. */
const ENROLMENT_TYPE = {
  Enrolment: [
    { name: "worker", type: "address" },
    { name: "quoteHash", type: "bytes32" },
  ],
};

/**
 * The quote verifier of a deployment that reads a provider's quotes; the latest, if there are several. Throws
 * `QUOTE_VERIFIER_MISSING`.
 */
export async function findQuoteVerifier(
  client: Client,
  { kind, simulated }: Pick<QuoteProvider, "kind" | "simulated">,
  { verifierId, retrying = callOnce }: { readonly verifierId?: bigint | undefined; readonly retrying?: Retrying } = {},
): Promise<QuoteVerifier> {
  const at = (id: bigint) =>
    retrying("a quote verifier", () =>
      read(client, { contract: "enclaveRegistry", functionName: "quoteVerifierOf", args: [id] }),
    );
  if (verifierId !== undefined) return { id: verifierId, address: (await at(verifierId))[0] };

  const count = await retrying("the number of quote verifiers", () =>
    read(client, { contract: "enclaveRegistry", functionName: "quoteVerifierCount", args: [] }),
  );
  for (let id = count - 1n; id >= 0n; id--) {
    const [address, found, isSimulated] = await at(id);
    if (nameOf(found) === kind && isSimulated === simulated) return { id, address };
  }
  const wanted = `${simulated ? "simulated" : "hardware's"} quotes of kind "${kind}"`;
  throw new WorkerError("QUOTE_VERIFIER_MISSING", `no quote verifier of this deployment reads ${wanted}`, {
    retryable: true,
    details: { kind, simulated, verifiers: count },
  });
}

/** Text from the left, with zeros behind it; what is none matches nothing. */
function nameOf(kind: string): string {
  try {
    return decodeBytes32String(kind);
  } catch {
    return kind;
  }
}

export interface EnrolmentRequest {
  readonly client: Client;
  readonly provider: QuoteProvider;
  readonly verifierId: bigint;
  readonly key: SigningKey;
  /** Key of the worker that the enclave signs for. */
  readonly worker: string;
  /** The block that the quote binds. */
  readonly blockNumber: number;
  readonly retrying?: Retrying;
}

/** Asks the registry what a quote must bind, has it made, and signs for it. */
export async function makeEnrolment(request: EnrolmentRequest): Promise<Enrolment> {
  const { client, provider, verifierId, key, worker, retrying = callOnce } = request;
  const enclaveKey = computeAddress(key.publicKey);
  const blockNumber = BigInt(request.blockNumber);
  const halves = await retrying("the report data", () =>
    read(client, {
      contract: "enclaveRegistry",
      functionName: "reportData",
      args: [enclaveKey, worker, blockNumber],
    }),
  );
  const quote = hexlify(await provider.quote(getBytes(concat(halves))));
  const keySignature = key.sign(enrolmentDigest(client, { worker, quoteHash: keccak256(quote) })).serialized;
  return { verifierId, enclaveKey, worker, blockNumber, quote, keySignature };
}

/** What the enclave key signs to show that it is held by who enrols it. */
export function enrolmentDigest(
  { deployment }: Pick<Client, "deployment">,
  message: { readonly worker: string; readonly quoteHash: string },
): string {
  const { chainId, enclaveRegistry: verifyingContract } = deployment;
  const domain = { name: "Assay EnclaveRegistry", version: "1", chainId, verifyingContract };
  return TypedDataEncoder.hash(domain, ENROLMENT_TYPE, message);
}

/** Beyond this the chain may have forgotten the block's hash before the enrolment is mined. */
const MOST_CONFIRMATIONS = 128;

/**
 * The block to bind: not the newest, whose hash the chain does not know while it makes the next one, and which may be
 * dropped.
 */
export function blockToBind(head: number, confirmations: number): number {
  return Math.max(0, head - Math.max(1, Math.min(confirmations, MOST_CONFIRMATIONS)));
}

const callOnce: Retrying = async (_, call) => call();
