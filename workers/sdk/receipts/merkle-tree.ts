import { concat, keccak256 } from "ethers";

/** A Merkle tree whose proofs OpenZeppelin's `MerkleProof` checks: each pair is hashed in ascending order. */
export interface MerkleTree {
  readonly root: string;
  /** The siblings on the way from a leaf to the root. */
  proofOf(index: number): string[];
}

/** Builds the tree over leaves in their order; the odd one of a row goes up as it is. Throws a `RangeError` for none. */
export function merkleTree(leaves: readonly string[]): MerkleTree {
  const rows = [leaves];
  let top = leaves;
  while (top.length > 1) {
    top = pairUp(top);
    rows.push(top);
  }
  const [root] = top;
  if (root === undefined) throw new RangeError("a tree needs a leaf");
  return { root, proofOf: (index) => siblings(rows, index) };
}

/** The root that a leaf and its proof lead to. */
export function rootOf(leaf: string, proof: readonly string[]): string {
  return proof.reduce(hashPair, leaf);
}

function siblings(rows: readonly (readonly string[])[], index: number): string[] {
  if (rows[0]?.[index] === undefined) throw new RangeError(`there is no leaf ${index}`);
  return rows.flatMap((row, height) => row[(index >> height) ^ 1] ?? []);
}

function pairUp(row: readonly string[]): string[] {
  const above: string[] = [];
  for (let at = 0; at < row.length; at += 2) {
    const [left, right] = row.slice(at, at + 2);
    if (left !== undefined) above.push(right === undefined ? left : hashPair(left, right));
  }
  return above;
}

function hashPair(one: string, other: string): string {
  return keccak256(concat(BigInt(one) < BigInt(other) ? [one, other] : [other, one]));
}
