import type { onnx } from "onnx-proto";

import { exactInteger } from "./exact-integer.ts";
import type { Attribute, OnnxGraph } from "./model.ts";
import { readConstant } from "./read-constant.ts";
import { readSparse } from "./read-sparse.ts";

/** Kinds of `AttributeProto` as the ONNX standard numbers them. */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const TENSOR = 4;
const GRAPH = 5;
const FLOATS = 6;
const INTS = 7;
const STRINGS = 8;
const TENSORS = 9;
const GRAPHS = 10;
const SPARSE_TENSOR = 11;
const SPARSE_TENSORS = 12;

type Reader = (attribute: onnx.IAttributeProto, readGraph: (graph: onnx.IGraphProto) => OnnxGraph) => Attribute;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [FLOAT, ({ f }) => f ?? 0],
  [INT, ({ i }) => exactInteger(Number(i ?? 0), "an attribute")],
  [STRING, ({ s }) => text(s ?? new Uint8Array())],
  [TENSOR, ({ t }) => readConstant(t ?? {})],
  [GRAPH, ({ g }, readGraph) => readGraph(g ?? {})],
  [FLOATS, ({ floats }) => Object.freeze([...(floats ?? [])])],
  [INTS, ({ ints }) => Object.freeze((ints ?? []).map((value) => exactInteger(Number(value), "an attribute")))],
  [STRINGS, ({ strings }) => Object.freeze((strings ?? []).map(text))],
  [TENSORS, ({ tensors }) => Object.freeze((tensors ?? []).map(readConstant))],
  [GRAPHS, ({ graphs }, readGraph) => Object.freeze((graphs ?? []).map(readGraph))],
  [SPARSE_TENSOR, ({ sparseTensor }) => readSparse(sparseTensor ?? {})],
  [SPARSE_TENSORS, ({ sparseTensors }) => Object.freeze((sparseTensors ?? []).map(readSparse))],
]);

/**
 * Floats may be NaN: an Imputer names it as what to replace. Undefined for types, which only operators on sequences and
 * optionals have. Throws a `NodeProblem`.
 */
export function readAttribute(
  attribute: onnx.IAttributeProto,
  readGraph: (graph: onnx.IGraphProto) => OnnxGraph,
): Attribute | undefined {
  // A kind that the file leaves out decodes as 0.
  return READERS.get(attribute.type || inferKind(attribute))?.(attribute, readGraph);
}

/** Files from before IR version 3 may leave the kind out: the field that is filled tells it. */
function inferKind(attribute: onnx.IAttributeProto): number {
  const filled: readonly (readonly [kind: number, size: number | undefined])[] = [
    [TENSOR, attribute.t ? 1 : 0],
    [GRAPH, attribute.g ? 1 : 0],
    [INTS, attribute.ints?.length],
    [FLOATS, attribute.floats?.length],
    [STRINGS, attribute.strings?.length],
    [STRING, attribute.s?.length],
    [INT, Number(attribute.i ?? 0)],
  ];
  return filled.find(([, size]) => (size ?? 0) !== 0)?.[0] ?? FLOAT;
}
