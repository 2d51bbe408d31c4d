import { AbiCoder, keccak256, TypedDataEncoder } from "ethers";

import type { Deployment } from "./deployment.ts";
import { RESULT_TYPE } from "./result-type.ts";

/** An answer that a contract verifies in a transaction of its own, without a job. */
export interface CallResult {
  readonly versionId: string;
  readonly inputHash: string;
  readonly outputHash: string;
  /** Key that the evidence names. */
  readonly worker: string;
  /** The contract that calls `verify`. */
  readonly caller: string;
  /** The caller's own; it remembers nonces if one answer must count once. */
  readonly nonce: bigint;
  /** Last second in which it counts, in Unix seconds. */
  readonly deadline: bigint;
}

/** The EIP-712 digest that evidence for the market's `verify` binds, as its `callDigest`. */
export function callDigest(
  { chainId, market }: Pick<Deployment, "chainId" | "market">,
  { caller, nonce, ...result }: CallResult,
): string {
  const jobId = keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["string", "uint256", "address", "address", "uint256"],
      ["Assay call", chainId, market, caller, nonce],
    ),
  );
  const domain = { name: "Assay", version: "1", chainId, verifyingContract: market };
  return TypedDataEncoder.hash(domain, RESULT_TYPE, { jobId, ...result });
}
