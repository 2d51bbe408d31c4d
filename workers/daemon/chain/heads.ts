import type { ChainNode } from "./node.ts";

/** Blocks by which another node must have moved on for one that stands still to count as stuck. */
const STUCK_AFTER = 10;

/**
 * What the nodes say of the newest block. Believed is the newest one that most of them have: a node that lags, or one that
 * tells of blocks that nobody else has, changes nothing. A node whose head stands still while another's moves on is left out
 * until it moves, so that of two nodes one may get stuck.
 */
export function createHeads() {
  const still = new Map<ChainNode, number>();

  return (answers: readonly { readonly node: ChainNode; readonly value: number }[]): number => {
    const moved = answers.map(({ node, value }) => (node.head === null ? 0 : value - node.head));
    const furthest = Math.max(0, ...moved);
    for (const [index, { node, value }] of answers.entries()) {
      still.set(node, moved[index] === 0 ? (still.get(node) ?? 0) + furthest : 0);
      node.head = value;
    }
    const moving = answers.filter(({ node }) => (still.get(node) ?? 0) < STUCK_AFTER);
    return lowerMedian((moving.length === 0 ? answers : moving).map(({ value }) => value));
  };
}

/** The highest number that more than half reach. Of two, the lower one. Throws RangeError if there is none. */
export function lowerMedian(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => other - one);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new RangeError("no numbers, no median");
  return found;
}
