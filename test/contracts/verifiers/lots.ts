import { concat, keccak256, toBeHex } from "ethers";

import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import type { StatementStruct } from "../../../types/ethers-contracts/contracts/verifiers/Groth16Verifier.ts";
import { doubling } from "../doubling.ts";
import { type Deployed, ethers } from "./fixture.ts";
import { trapdoorKey, trapdoorProof } from "./trapdoor.ts";

/** A statement and the two parts of its evidence. */
export interface Item {
  readonly statement: StatementStruct;
  readonly proof: Uint8Array;
  readonly input: Uint8Array;
}

const INPUTS = 128;
const proofs = new Map<number, Promise<Uint8Array>>();

/** Stores the doubling circuit's key. */
export async function storedKey({ groth16 }: Pick<Deployed, "groth16">, key?: Uint8Array): Promise<string> {
  const bytes = key ?? (await doubling()).key;
  const stored = await groth16.storeKey.staticCall(bytes);
  await groth16.storeKey(bytes);
  return stored;
}

/** Real proofs of the doubling circuit; each item has another binding and, up to 128, another input. */
export async function lotOf(verificationKey: string, count: number): Promise<Item[]> {
  const items: Item[] = [];
  for (let index = 0; index < count; index++) {
    const input = (index + 1) % INPUTS;
    const resultDigest = digestOf(index);
    const proof = proofs.get(index) ?? (await doubling()).prove(bindingOf(resultDigest), input);
    proofs.set(index, Promise.resolve(proof));
    items.push(itemOf(verificationKey, resultDigest, Uint8Array.of(input), Uint8Array.of(2 * input), await proof));
  }
  return items;
}

/** An item of a key whose secrets are known, for input and output of any length. */
export function trapdoorItem(verificationKey: string, index: number, input: Uint8Array, output: Uint8Array): Item {
  const resultDigest = digestOf(index);
  const signals = [bindingOf(resultDigest), ...interfaceWords(input, output)];
  return itemOf(verificationKey, resultDigest, input, output, trapdoorProof(signals, BigInt(index)));
}

/** Items of one byte in and one out, as those of the doubling circuit, for lots too long to prove in a test. */
export async function trapdoorLot(base: Pick<Deployed, "groth16">, count: number): Promise<Item[]> {
  const key = await storedKey(base, trapdoorKey(2));
  return Array.from({ length: count }, (_, index) =>
    trapdoorItem(key, index, Uint8Array.of(index + 1), Uint8Array.of(2 * index + 2)),
  );
}

export function itemOf(
  verificationKey: string,
  resultDigest: string,
  input: Uint8Array,
  output: Uint8Array,
  proof: Uint8Array,
): Item {
  const statement = {
    resultDigest,
    versionId: ethers.ZeroHash,
    inputHash: keccak256(input),
    worker: ethers.ZeroAddress,
    verificationKey,
    ownMeasurements: false,
    output,
  };
  return { statement, proof, input };
}

/** The arguments of `verifyAll`. */
export function callOf(items: readonly Item[]): [StatementStruct[], string[]] {
  return [items.map(({ statement }) => statement), items.map(evidenceOf)];
}

export function evidenceOf({ proof, input }: Item): string {
  return concat([proof, input]);
}

/** The lot with one item changed. */
export function changed(items: readonly Item[], index: number, change: (item: Item) => Item): Item[] {
  return items.map((item, at) => (at === index ? change(item) : item));
}

/** The bytes with some of them replaced. */
export function spliced(bytes: Uint8Array, start: number, part: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, at) => part[at - start] ?? byte);
}

export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
}

function digestOf(index: number): string {
  return keccak256(toBeHex(index, 32));
}

function bindingOf(resultDigest: string): bigint {
  return BigInt(resultDigest) >> 8n;
}
