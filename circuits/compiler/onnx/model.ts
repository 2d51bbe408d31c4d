/** A dense constant in row-major order. Integers are exact up to 2^53. */
export interface Constant {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** Whether its ONNX type is an integer one. */
  readonly whole: boolean;
}

export type Attribute = number | string | readonly number[] | readonly string[] | Constant;

export interface OnnxNode {
  /** The node's own name, or that of its first output: always something a person can search for. */
  readonly name: string;
  readonly op: string;
  /** "" for the standard operators. */
  readonly domain: string;
  /** "" marks an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A fixed size, or the name of a symbolic one ("" when it has none). */
export type Dimension = number | string;

/** Element types of graph inputs that can become integers. */
export type ElementType = "float" | "double" | "uint8" | "int8" | "uint16" | "int16" | "int32" | "int64" | "bool";

export interface OnnxInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** What the compiler reads of a model file; everything is frozen and keyed by value name. */
export interface OnnxModel {
  readonly name: string;
  readonly opset: number;
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** In an order in which every node follows its producers. */
  readonly nodes: readonly OnnxNode[];
}
