import { dataSlice, getBytes, keccak256 } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { decodeProof, decodeVerificationKey } from "../../circuits/format/groth16.ts";
import { interfaceWords } from "../../circuits/format/interface-words.ts";
import { verifyProof } from "../../circuits/format/verify-groth16.ts";
import type { GetJobReturnType } from "./actions/get-job.ts";
import type { Client } from "./client.ts";
import { splitProofEvidence } from "./evidence.ts";
import type { FulfilledWith } from "./fetch-evidence.ts";
import { bindingOf, resultDigest } from "./job.ts";
import { onChain } from "./rpc-error.ts";
import { unverified } from "./unverified.ts";
import type { Version } from "./version.ts";

export interface ProvenResult {
  readonly worker: string;
  readonly verificationKeyHash: string;
  /** The key is from a single-party setup: whoever made it can forge proofs. */
  readonly devKeys: boolean;
  /** The binding, then the words of input and output. */
  readonly publicSignals: readonly bigint[];
}

/** Checks the Groth16 proof of a job here, with the version's key. Throws `RESULT_UNVERIFIED`. */
export async function checkProof(
  client: Client,
  { job, input }: Pick<GetJobReturnType, "job" | "input">,
  version: Pick<Version, "spec" | "terms">,
  { output, evidence, worker }: FulfilledWith,
): Promise<ProvenResult> {
  const digest = resultDigest(client.deployment, job, keccak256(output), worker);
  return checkProofOf(client, version, { digest, input, output, evidence, worker });
}

/** What a proof must show, and bind. */
export interface ProofStatement extends FulfilledWith {
  readonly digest: string;
  readonly input: Uint8Array;
}

/** Checks a Groth16 proof that is bound to a digest. Throws `RESULT_UNVERIFIED`. */
export async function checkProofOf(
  client: Client,
  { spec, terms }: Pick<Version, "spec" | "terms">,
  { digest, input, output, evidence, worker }: ProofStatement,
): Promise<ProvenResult> {
  const parts = splitProofEvidence(evidence);
  if (parts === undefined) throw failed("proof", `evidence of ${evidence.length} bytes holds no proof`);
  const publicSignals = [bindingOf(digest), ...interfaceWords(input, output)];
  const key = await readKey(client, terms.verificationKey, spec.verificationKeyHash);
  if (!isValid(() => verifyProof(decodeVerificationKey(key), publicSignals, decodeProof(parts.proof))))
    throw failed("proof", "the proof does not show that the version's circuit maps the input to the output");
  return { worker, verificationKeyHash: spec.verificationKeyHash, devKeys: spec.devKeys, publicSignals };
}

/** The key is a contract's code after one zero byte; the version names it by hash. */
async function readKey(client: Client, address: string, hash: string): Promise<Uint8Array> {
  const code = await onChain("reading the verification key", () => client.provider.getCode(address));
  const key = code === "0x" ? "0x" : dataSlice(code, 1);
  if (keccak256(key) !== hash) throw failed("verificationKey", "the key on chain is not the one the version names");
  return getBytes(key);
}

/** A proof or a key that is malformed shows nothing, as one that does not verify. */
function isValid(verify: () => boolean): boolean {
  try {
    return verify();
  } catch (error) {
    if (error instanceof AssayError) return false;
    throw error;
  }
}

function failed(check: string, message: string) {
  return unverified("RESULT_UNVERIFIED", message, { check });
}
