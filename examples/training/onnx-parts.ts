import { writeFileSync } from "node:fs";
import onnxProto, { type onnx } from "onnx-proto";

const { ModelProto, TensorProto, AttributeProto } = onnxProto.onnx;

const DOMAINS: Readonly<Record<string, number>> = { "": 13 };
/** Of the file format: what ONNX released with operator sets up to 14, and after. */
const [OLD_FORMAT, NEW_FORMAT, NEW_FROM] = [7, 8, 15];

/** Writes a graph of the given versions of operator sets. The same graph gives the same bytes. */
export function writeModel(file: URL, graph: onnx.IGraphProto, domains = DOMAINS): void {
  const model = ModelProto.create({
    irVersion: (domains[""] ?? 0) < NEW_FROM ? OLD_FORMAT : NEW_FORMAT,
    producerName: "assay",
    opsetImport: Object.entries(domains).map(([domain, version]) => ({ domain, version })),
    graph,
  });
  writeFileSync(file, ModelProto.encode(model).finish());
}

/** A node named as its first output. */
export function node(
  opType: string,
  input: string[],
  output: string[],
  attribute: onnx.IAttributeProto[] = [],
): onnx.INodeProto {
  return { opType, name: output[0] ?? opType, input, output, attribute };
}

export function integer(name: string, i: number): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.INT, i };
}

export function integers(name: string, ints: readonly number[]): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.INTS, ints: [...ints] };
}

export function decimal(name: string, f: number): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.FLOAT, f };
}

export function decimals(name: string, floats: readonly number[]): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.FLOATS, floats: [...floats] };
}

export function word(name: string, text: string): onnx.IAttributeProto {
  return { name, type: AttributeProto.AttributeType.STRING, s: new TextEncoder().encode(text) };
}

export function words(name: string, texts: readonly string[]): onnx.IAttributeProto {
  const encoder = new TextEncoder();
  return { name, type: AttributeProto.AttributeType.STRINGS, strings: texts.map((text) => encoder.encode(text)) };
}

/** Little-endian, as ONNX asks of raw data. */
export function float32(name: string, dims: number[], values: ArrayLike<number>): onnx.ITensorProto {
  const rawData = new Uint8Array(values.length * 4);
  const view = new DataView(rawData.buffer);
  Array.from(values, (value, at) => view.setFloat32(at * 4, value, true));
  return { name, dims, dataType: TensorProto.DataType.FLOAT, rawData };
}

export function int32(name: string, dims: number[], values: ArrayLike<number>): onnx.ITensorProto {
  const rawData = new Uint8Array(values.length * 4);
  const view = new DataView(rawData.buffer);
  Array.from(values, (value, at) => view.setInt32(at * 4, value, true));
  return { name, dims, dataType: TensorProto.DataType.INT32, rawData };
}

export function int64(name: string, dims: number[], values: ArrayLike<number>): onnx.ITensorProto {
  const rawData = new Uint8Array(values.length * 8);
  const view = new DataView(rawData.buffer);
  Array.from(values, (value, at) => view.setBigInt64(at * 8, BigInt(value), true));
  return { name, dims, dataType: TensorProto.DataType.INT64, rawData };
}

export function int8(name: string, dims: number[], values: ArrayLike<number>): onnx.ITensorProto {
  return { name, dims, dataType: TensorProto.DataType.INT8, rawData: new Uint8Array(Int8Array.from(values).buffer) };
}

export function uint8(name: string, dims: number[], values: ArrayLike<number>): onnx.ITensorProto {
  return { name, dims, dataType: TensorProto.DataType.UINT8, rawData: Uint8Array.from(values) };
}

/** A graph's input or output. */
export function value(name: string, type: "float" | "int64", shape: readonly number[]): onnx.IValueInfoProto {
  const elemType = type === "float" ? TensorProto.DataType.FLOAT : TensorProto.DataType.INT64;
  return { name, type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } };
}

/** The matrix [columns, rows] from one of [rows, columns], row-major. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}
