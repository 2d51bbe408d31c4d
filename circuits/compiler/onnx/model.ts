import type { DataType, ElementType } from "./data-type.ts";

/**
 * A dense constant in row-major order. Integers are exact: those beyond 2^53 are refused when they are read. Numbers are
 * never NaN, but may be infinite, as masks are: `assertFinite` where they are multiplied.
 */
export interface Constant {
  readonly shape: readonly number[];
  /** Empty for strings. */
  readonly values: Float64Array;
  /** Whether its ONNX type is an integer one. */
  readonly whole: boolean;
  /** As the file says; values that the compiler computes may leave it out. */
  readonly type?: DataType;
  /** The elements of a tensor of type "string". */
  readonly strings?: readonly string[];
}

export type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | Constant
  | readonly Constant[]
  | OnnxGraph
  | readonly OnnxGraph[];

export interface OnnxNode {
  /** The node's own name, or that of its first output: always something a person can search for. */
  readonly name: string;
  readonly op: string;
  /** "" for the standard operators. */
  readonly domain: string;
  /** "" marks an optional input that is left out. */
  readonly inputs: readonly string[];
  /** "" marks an optional output that nobody wants. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A fixed size, or the name of a symbolic one ("" when it has none). */
export type Dimension = number | string;

export interface OnnxInput {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** A branch of an If or the body of a Loop or a Scan. It shares one name space with the graph around it. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names it takes from the graphs around it. */
  readonly captures: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** In an order in which every node follows its producers. */
  readonly nodes: readonly OnnxNode[];
}

/** What the compiler reads of a model file; everything is frozen and keyed by value name. */
export interface OnnxModel {
  readonly name: string;
  /** Of the standard operators. */
  readonly opset: number;
  /** Of the operators in the domain ai.onnx.ml; 1 when the file does not import it. */
  readonly mlOpset: number;
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
  readonly constants: ReadonlyMap<string, Constant>;
  /** In an order in which every node follows its producers. */
  readonly nodes: readonly OnnxNode[];
}
