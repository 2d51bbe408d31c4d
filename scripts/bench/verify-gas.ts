import { concat } from "ethers";
import { network } from "hardhat";

export interface VerifyCall {
  readonly key: Uint8Array;
  readonly binding: bigint;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly proof: Uint8Array;
}

const TRANSACTION_BASE = 21_000n;

/** Gas of checking one proof on chain: execution and calldata, without the 21,000 of the transaction itself. */
export async function verifyGas({ key, binding, input, output, proof }: VerifyCall): Promise<bigint> {
  const { ethers } = await network.create();
  const verifier = await ethers.deployContract("Groth16Verifier");
  const stored = await verifier.storeKey.staticCall(key);
  await verifier.storeKey(key);
  const gas = await verifier.verifyProof.estimateGas(stored, binding, concat([proof, input, output]));
  return gas - TRANSACTION_BASE;
}
