import { hexlify } from "ethers";

import type { Described } from "../tee/quote/describe.ts";

/** A tree in lines, each value behind its name, bytes with their number. */
export function treeLines(tree: Described, name: string, indent = ""): string[] {
  if (tree instanceof Uint8Array)
    return [`${indent}${name} (${tree.length}) ${tree.length === 0 ? "" : hexlify(tree)}`];
  if (typeof tree === "string") return [`${indent}${name} ${printable(tree)}`];
  if (tree === null || typeof tree !== "object") return [`${indent}${name} ${tree ?? "none"}`];
  const below = Object.entries(tree).flatMap(([child, value]) => treeLines(value, child, `${indent}  `));
  return [`${indent}${name}`, ...below];
}

/** Control characters that a stranger put into a text could write over what else is on a terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{C}/gu, "?");
