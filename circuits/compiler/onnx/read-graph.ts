import type { onnx } from "onnx-proto";

import { type Diagnostics, NodeProblem } from "../compile-error.ts";
import type { Attribute, Constant, OnnxGraph, OnnxNode } from "./model.ts";
import { standardName } from "./opset.ts";
import { orderNodes, type OrderedNodes } from "./order-nodes.ts";
import { readAttribute } from "./read-attribute.ts";
import { readConstant } from "./read-constant.ts";
import { readSparse } from "./read-sparse.ts";

/** Nobody nests control flow deeper; a file that does would exhaust the stack. */
const DEEPEST = 16;

export interface GraphBody extends OrderedNodes {
  readonly constants: ReadonlyMap<string, Constant>;
  /** Names of the initializers, including those that could not be read. */
  readonly initializers: ReadonlySet<string>;
  /** Every name that the graph defines. */
  readonly defined: ReadonlySet<string>;
}

/** Constants and nodes of a graph, and of the graphs inside its nodes. Everything that is wrong goes to `problems`. */
export function readGraph(graph: onnx.IGraphProto, problems: Diagnostics, depth = 0): GraphBody {
  const constants = new Map<string, Constant>();
  const initializers = new Set<string>();
  const add = (name: string, read: () => Constant): void => {
    if (initializers.has(name))
      problems.add("VALUE_DUPLICATE", { name, op: "" }, `two initializers are named "${name}"; names must be unique`);
    initializers.add(name);
    const constant = attempt(problems, { name, op: "" }, read);
    if (constant !== undefined) constants.set(name, constant);
  };
  for (const tensor of graph.initializer ?? []) add(tensor.name ?? "", () => readConstant(tensor));
  for (const sparse of graph.sparseInitializer ?? []) add(sparse.values?.name ?? "", () => readSparse(sparse));
  const given = new Set([...initializers, ...(graph.input ?? []).map(({ name }) => name ?? "")]);
  const inside = (inner: onnx.IGraphProto): OnnxGraph => readSubgraph(inner, problems, depth + 1);
  const nodes = (graph.node ?? []).map((node) => readNode(node, problems, inside));
  const defined = new Set([...given, ...nodes.flatMap(({ outputs }) => outputs)]);
  return { ...orderNodes(nodes, given, problems), constants, initializers, defined };
}

function readSubgraph(graph: onnx.IGraphProto, problems: Diagnostics, depth: number): OnnxGraph {
  if (depth > DEEPEST) throw new NodeProblem("SIZE_INVALID", `its graphs are nested deeper than ${DEEPEST} levels`);
  const { nodes, missing, constants, initializers, defined } = readGraph(graph, problems, depth);
  const outputs = (graph.output ?? []).map(({ name }) => name ?? "");
  const captures = new Set([...missing.map(({ name }) => name), ...outputs.filter((name) => !defined.has(name))]);
  return Object.freeze({
    name: graph.name ?? "",
    inputs: Object.freeze((graph.input ?? []).map(({ name }) => name ?? "").filter((name) => !initializers.has(name))),
    outputs: Object.freeze(outputs),
    captures: Object.freeze([...captures]),
    constants,
    nodes,
  });
}

function readNode(
  node: onnx.INodeProto,
  problems: Diagnostics,
  inside: (graph: onnx.IGraphProto) => OnnxGraph,
): OnnxNode {
  const outputs = Object.freeze([...(node.output ?? [])]);
  const where = { name: nodeName(node), op: node.opType ?? "" };
  const attributes = new Map<string, Attribute>();
  for (const attribute of node.attribute ?? []) {
    const value = attempt(problems, where, () => readAttribute(attribute, inside));
    if (value !== undefined) attributes.set(attribute.name ?? "", value);
  }
  return Object.freeze({
    ...where,
    domain: standardName(node.domain),
    inputs: Object.freeze([...(node.input ?? [])]),
    outputs,
    attributes,
  });
}

export function nodeName(node: onnx.INodeProto): string {
  return node.name || (node.output ?? []).find((output) => output !== "") || "(unnamed)";
}

/** A problem with one value or node is noted, and reading goes on. */
export function attempt<Value>(
  problems: Diagnostics,
  where: { readonly name: string; readonly op: string },
  read: () => Value,
): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NodeProblem)) throw error;
    problems.add(error.code, where, error.message);
    return undefined;
  }
}
