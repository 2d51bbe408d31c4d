import type { Diagnostics } from "../compile-error.ts";
import type { Attribute, OnnxGraph, OnnxNode } from "./model.ts";

export interface OrderedNodes {
  /** Every node after its producers, and otherwise in the order of the file. */
  readonly nodes: readonly OnnxNode[];
  /** What a node reads and neither `given` nor any node defines. */
  readonly missing: readonly { readonly node: OnnxNode; readonly name: string }[];
}

/**
 * ONNX asks for sorted nodes, but not every exporter and graph surgeon sorts them. Notes two definitions of one name and
 * cycles, each once.
 */
export function orderNodes(
  nodes: readonly OnnxNode[],
  given: ReadonlySet<string>,
  problems: Diagnostics,
): OrderedNodes {
  const producers = findProducers(nodes, given, problems);
  const missing = nodes.flatMap((node) =>
    namesRead(node)
      .filter((name) => !given.has(name) && !producers.has(name))
      .map((name) => ({ node, name })),
  );
  const sorted: OnnxNode[] = [];
  const done = new Set<OnnxNode>();
  for (const node of nodes) visit(node, { producers, done, sorted, problems });
  return { nodes: Object.freeze(sorted), missing };
}

/** Names that a node takes, those that its subgraphs capture included; each once. */
export function namesRead(node: OnnxNode): readonly string[] {
  const captured = [...node.attributes.values()].flatMap(graphsIn).flatMap(({ captures }) => captures);
  return [...new Set([...node.inputs, ...captured])].filter((name) => name !== "");
}

function graphsIn(attribute: Attribute): readonly OnnxGraph[] {
  if (typeof attribute !== "object") return [];
  const items: readonly unknown[] = Array.isArray(attribute) ? attribute : [attribute];
  return items.filter(isGraph);
}

function isGraph(value: unknown): value is OnnxGraph {
  return typeof value === "object" && value !== null && "captures" in value;
}

function findProducers(
  nodes: readonly OnnxNode[],
  given: ReadonlySet<string>,
  problems: Diagnostics,
): ReadonlyMap<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of nodes)
    for (const output of node.outputs.filter((name) => name !== "")) {
      const other = producers.get(output);
      if (other !== undefined || given.has(output))
        problems.add(
          "VALUE_DUPLICATE",
          node,
          `its output "${output}" is also ${other === undefined ? "an input or a constant of the graph" : `an output of node "${other.name}"`}; names must be unique`,
        );
      else producers.set(output, node);
    }
  return producers;
}

interface Walk {
  readonly producers: ReadonlyMap<string, OnnxNode>;
  readonly done: Set<OnnxNode>;
  readonly sorted: OnnxNode[];
  readonly problems: Diagnostics;
}

/** Depth first without recursion: a chain of nodes may be longer than the stack. */
function visit(start: OnnxNode, { producers, done, sorted, problems }: Walk): void {
  if (done.has(start)) return;
  const path = [{ node: start, needs: namesRead(start).values() }];
  const open = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.needs.next();
    if (next.done === true) {
      done.add(top.node);
      open.delete(top.node);
      sorted.push(top.node);
      path.pop();
      continue;
    }
    const producer = producers.get(next.value);
    if (producer === undefined || done.has(producer)) continue;
    if (open.has(producer)) {
      const cycle = path.slice(path.findIndex(({ node }) => node === producer)).map(({ node }) => `"${node.name}"`);
      problems.add("GRAPH_CYCLE", producer, `it depends on its own output, through ${cycle.reverse().join(", ")}`);
      continue;
    }
    open.add(producer);
    path.push({ node: producer, needs: namesRead(producer).values() });
  }
}
