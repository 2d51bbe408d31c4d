import { hexlify } from "ethers";

import type { Described } from "../tee/quote/describe-quote.ts";

/** A tree in lines, each value behind its name, bytes with their number. */
export function treeLines(tree: Described, name: string, indent = ""): string[] {
  if (tree instanceof Uint8Array)
    return [`${indent}${name} (${tree.length}) ${tree.length === 0 ? "" : hexlify(tree)}`];
  if (tree === null || typeof tree !== "object") return [`${indent}${name} ${tree ?? "none"}`];
  const below = Object.entries(tree).flatMap(([child, value]) => treeLines(value, child, `${indent}  `));
  return [`${indent}${name}`, ...below];
}
