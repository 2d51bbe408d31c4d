import type { OnnxNode } from "./model.ts";
import { namesRead } from "./order-nodes.ts";

/**
 * The nodes that some output depends on, in their order: exports in training mode and cut-out heads leave others behind,
 * whose operators may have no circuit. Nodes must follow what they read.
 */
export function liveNodes(nodes: readonly OnnxNode[], outputs: readonly string[]): readonly OnnxNode[] {
  const needed = new Set(outputs);
  const live: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    for (const name of namesRead(node)) needed.add(name);
    live.push(node);
  }
  return Object.freeze(live.reverse());
}
