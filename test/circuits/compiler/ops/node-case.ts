import { seededWeights, type TestAttribute, type TestConstant, type TestModel } from "../build-onnx.ts";
import type { Conformance } from "../conformance.ts";

export type Attributes = Readonly<Record<string, TestAttribute>>;

/** One node whose operands are the input "x" and constants. */
export interface NodeCase {
  readonly op: string;
  readonly shape: readonly number[];
  readonly attributes?: Attributes;
  /** After "x" (or where `order` puts them). */
  readonly constants?: readonly TestConstant[];
  /** Names of the operands, if "x" is not the first or one is left out; a second input is "z". */
  readonly order?: readonly string[];
  readonly second?: { readonly shape: readonly number[]; readonly type?: number };
  readonly outputs?: readonly string[];
  readonly opset?: number;
  /** ONNX type of "x". */
  readonly type?: number;
}

export function nodeModel(given: NodeCase): TestModel {
  const { op, shape, attributes = {}, constants = [], second, outputs = ["y"], opset = 13, type } = given;
  const order = given.order ?? ["x", ...constants.map(({ name }) => name)];
  return {
    opset,
    inputs: [
      { name: "x", shape, ...(type !== undefined && { type }) },
      ...(second === undefined ? [] : [{ name: "z", ...second }]),
    ],
    outputs: outputs.filter((name) => name !== ""),
    constants,
    nodes: [{ op, inputs: order, outputs, attributes }],
  };
}

/** Whole numbers of 8 bits that stay what they are. */
export const WHOLE: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 0 }], exact: true };
/** The same for two inputs. */
export const WHOLES: Conformance = {
  inputs: [
    { kind: "int", bits: 8, decimals: 0 },
    { kind: "int", bits: 8, decimals: 0 },
  ],
  exact: true,
};

export const weights = (name: string, shape: readonly number[], seed = 1): TestConstant => ({
  name,
  shape,
  values: seededWeights(
    shape.reduce((product, size) => product * size, 1),
    977 * seed + 5,
  ),
});

export const whole = (name: string, shape: readonly number[], values: readonly number[]): TestConstant => ({
  name,
  shape,
  values,
  integers: true,
});

export const vector = (name: string, values: readonly number[]): TestConstant => whole(name, [values.length], values);
