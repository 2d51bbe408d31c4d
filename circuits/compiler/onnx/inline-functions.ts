import type { onnx } from "onnx-proto";

import { type Diagnostics, NodeProblem } from "../compile-error.ts";
import { opsetOf } from "./opset.ts";
import { attempt, nodeName } from "./read-graph.ts";

/** Functions that call functions can multiply: far more nodes than can be compiled. */
const MOST_NODES = 2 ** 16;

interface LocalFunction {
  readonly body: onnx.IFunctionProto;
  /** Default values of attributes that a call leaves out. */
  readonly defaults: readonly onnx.IAttributeProto[];
}

/** How a body's names and attributes read in the place of one call. */
interface Scope {
  /** Before the names of values; unique, because no two nodes of a graph or a body have an output in common. */
  readonly values: string;
  readonly labels: string;
  readonly names: ReadonlyMap<string, string> | null;
  readonly attributes: ReadonlyMap<string, onnx.IAttributeProto>;
  /** Functions that are being expanded, from the outside in. */
  readonly calls: readonly string[];
}

const TOP: Scope = { values: "", labels: "", names: null, attributes: new Map(), calls: [] };

/**
 * The graph with the body of each model-local function in place of its calls, as PyTorch's dynamo exporter and
 * onnxscript write them. Notes calls that cannot be expanded and leaves them as they are.
 */
export function inlineFunctions(
  model: onnx.IModelProto,
  defaults: readonly (readonly onnx.IAttributeProto[])[],
  problems: Diagnostics,
): onnx.IGraphProto {
  const functions = indexFunctions(model, defaults, problems);
  let nodes = 0;

  const inlineNode = (node: onnx.INodeProto, scope: Scope): onnx.INodeProto[] => {
    const placed: onnx.INodeProto = {
      opType: node.opType ?? "",
      domain: node.domain ?? "",
      name: scope === TOP ? (node.name ?? "") : `${scope.labels}${node.name || firstOutput(node)}`,
      input: (node.input ?? []).map((name) => rename(name, scope)),
      output: (node.output ?? []).map((name) => rename(name, scope)),
      attribute: (node.attribute ?? []).flatMap((attribute) => inlineAttribute(attribute, scope)),
    };
    const called = functions.get(keyOf(node.domain, node.opType));
    if (called === undefined) return [placed];
    return (
      attempt(problems, { name: nodeName(placed), op: keyOf(node.domain, node.opType) }, () =>
        expand(placed, called, { ...scope, values: `${scope.values}${firstOutput(node)}/` }),
      ) ?? [placed]
    );
  };

  const expand = (
    call: onnx.INodeProto,
    { body, defaults: values }: LocalFunction,
    scope: Scope,
  ): onnx.INodeProto[] => {
    const key = keyOf(body.domain, body.name);
    if (scope.calls.includes(key)) throw new NodeProblem("GRAPH_CYCLE", `the function ${key} calls itself`);
    nodes += (body.node ?? []).length;
    if (nodes > MOST_NODES)
      throw new NodeProblem("SIZE_INVALID", `its functions expand to more than ${MOST_NODES} nodes`);
    const inner = callScope(call, body, values, scope);
    return [...(body.node ?? []).flatMap((node) => inlineNode(node, inner)), ...passThrough(call, body)];
  };

  const inlineGraph = (graph: onnx.IGraphProto, scope: Scope): onnx.IGraphProto => {
    const value = (info: onnx.IValueInfoProto): onnx.IValueInfoProto => ({ ...info, name: rename(info.name, scope) });
    return {
      name: graph.name ?? "",
      input: (graph.input ?? []).map(value),
      output: (graph.output ?? []).map(value),
      initializer: (graph.initializer ?? []).map((tensor) => ({ ...tensor, name: rename(tensor.name, scope) })),
      sparseInitializer: (graph.sparseInitializer ?? []).map((sparse) => ({
        ...sparse,
        values: { ...sparse.values, name: rename(sparse.values?.name, scope) },
      })),
      node: (graph.node ?? []).flatMap((node) => inlineNode(node, scope)),
    };
  };

  /** An attribute that refers to one of the function's takes its value, or is left out with it. */
  const inlineAttribute = (attribute: onnx.IAttributeProto, scope: Scope): onnx.IAttributeProto[] => {
    if ((attribute.refAttrName ?? "") !== "") {
      const value = scope.attributes.get(attribute.refAttrName ?? "");
      return value === undefined ? [] : [{ ...value, name: attribute.name ?? "" }];
    }
    if (attribute.g) return [{ ...attribute, g: inlineGraph(attribute.g, scope) }];
    const graphs = attribute.graphs ?? [];
    return graphs.length === 0
      ? [attribute]
      : [{ ...attribute, graphs: graphs.map((graph) => inlineGraph(graph, scope)) }];
  };

  const graph = model.graph ?? {};
  return functions.size === 0 ? graph : inlineGraph(graph, TOP);
}

function indexFunctions(
  model: onnx.IModelProto,
  defaults: readonly (readonly onnx.IAttributeProto[])[],
  problems: Diagnostics,
): ReadonlyMap<string, LocalFunction> {
  const functions = new Map<string, LocalFunction>();
  for (const [index, body] of (model.functions ?? []).entries()) {
    const key = keyOf(body.domain, body.name);
    const where = { name: body.name ?? "", op: key };
    if (functions.has(key))
      problems.add("VALUE_DUPLICATE", where, `two functions are named ${key}; export with functions inlined`);
    const own = opsetOf(body.opsetImport, "");
    const outer = opsetOf(model.opsetImport, "");
    if (own !== undefined && own !== outer)
      problems.add(
        "OPSET_UNSUPPORTED",
        where,
        `the function is written for opset ${own}, the model for ${outer ?? "none"}; export with functions inlined`,
      );
    functions.set(key, { body, defaults: defaults[index] ?? [] });
  }
  return functions;
}

function keyOf(domain: string | null | undefined, name: string | null | undefined): string {
  return domain ? `${domain}.${name ?? ""}` : (name ?? "");
}

function rename(name: string | null | undefined, scope: Scope): string {
  if (!name) return "";
  return scope.names?.get(name) ?? scope.values + name;
}

function callScope(
  call: onnx.INodeProto,
  body: onnx.IFunctionProto,
  defaults: readonly onnx.IAttributeProto[],
  scope: Scope,
): Scope {
  const names = new Map<string, string>();
  for (const [index, formal] of (body.output ?? []).entries()) {
    const actual = call.output?.[index] ?? "";
    if (actual !== "") names.set(formal, actual);
  }
  for (const [index, formal] of (body.input ?? []).entries()) names.set(formal, call.input?.[index] ?? "");
  const given = [...defaults, ...(call.attribute ?? [])];
  return {
    values: scope.values,
    labels: `${nodeName(call)}/`,
    names,
    attributes: new Map(given.map((attribute) => [attribute.name ?? "", attribute])),
    calls: [...scope.calls, keyOf(body.domain, body.name)],
  };
}

function firstOutput({ output }: onnx.INodeProto): string {
  return (output ?? []).find((name) => name !== "") ?? "";
}

/** Outputs that are inputs of the function: no node of its body gives them their name at the call. */
function passThrough(call: onnx.INodeProto, body: onnx.IFunctionProto): onnx.INodeProto[] {
  return (body.output ?? []).flatMap((formal, index) => {
    const position = (body.input ?? []).indexOf(formal);
    const actual = call.output?.[index] ?? "";
    if (position === -1 || actual === "") return [];
    const input = call.input?.[position] ?? "";
    return [{ opType: "Identity", name: `${nodeName(call)}/${formal}`, input: [input], output: [actual] }];
  });
}
