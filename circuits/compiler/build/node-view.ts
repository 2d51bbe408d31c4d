import { NodeProblem } from "../compile-error.ts";
import type { Attribute, OnnxNode } from "../onnx/model.ts";
import type { Tensor } from "./tensor.ts";

/** A node and its operands, as an operator sees them. Everything that throws, throws a `NodeProblem`. */
export class NodeView {
  readonly node: OnnxNode;
  /** Of the node's own domain. */
  readonly opset: number;
  readonly #operands: readonly (Tensor | undefined)[];

  constructor(node: OnnxNode, opset: number, operands: readonly (Tensor | undefined)[]) {
    this.node = node;
    this.opset = opset;
    this.#operands = operands;
  }

  /** Number of operands that the node names, left-out ones included. */
  get count(): number {
    return this.#operands.length;
  }

  operand(position: number, role = `operand ${position}`): Tensor {
    const tensor = this.value(position, role);
    if (tensor.items !== undefined)
      throw new NodeProblem("TYPE_UNSUPPORTED", `${role} is a sequence of tensors; join them with ConcatFromSequence`);
    return tensor;
  }

  /** A tensor or a sequence of them. */
  value(position: number, role = `operand ${position}`): Tensor {
    const tensor = this.#operands[position];
    if (tensor === undefined) throw new NodeProblem("SHAPE_MISMATCH", `${role} is missing`);
    return tensor;
  }

  sequence(position: number): readonly Tensor[] {
    const { items } = this.value(position);
    if (items === undefined) throw new NodeProblem("TYPE_UNSUPPORTED", `operand ${position} is no sequence of tensors`);
    return items;
  }

  operands(): readonly Tensor[] {
    return this.#operands.map((_, position) => this.operand(position));
  }

  optional(position: number): Tensor | undefined {
    return this.#operands[position] === undefined ? undefined : this.operand(position);
  }

  /** An operand that must be known at compile time, such as a weight. */
  known(position: number, role: string): Tensor & { readonly known: Float64Array } {
    const tensor = this.operand(position, role);
    if (tensor.known === undefined)
      throw new NodeProblem(
        "OPERAND_UNSUPPORTED",
        `${role} must be a constant of the model, but "${this.node.inputs[position] ?? ""}" is computed; ` +
          "export with constant folding, or freeze it",
      );
    return { ...tensor, known: tensor.known };
  }

  /** Integers that are an operand in newer opsets and an attribute in older ones; undefined if left out. */
  integers(position: number, attribute: string): readonly number[] | undefined {
    if (this.optional(position) !== undefined) return Array.from(this.known(position, attribute).known);
    return this.integersAttribute(attribute);
  }

  number(name: string, fallback: number): number {
    const value = this.node.attributes.get(name);
    return typeof value === "number" ? value : fallback;
  }

  text(name: string, fallback: string): string {
    const value = this.node.attributes.get(name);
    return typeof value === "string" ? value : fallback;
  }

  flag(name: string, fallback = false): boolean {
    return this.number(name, fallback ? 1 : 0) !== 0;
  }

  integersAttribute(name: string): readonly number[] | undefined {
    const value = this.node.attributes.get(name);
    return isNumbers(value) ? value : undefined;
  }

  textsAttribute(name: string): readonly string[] | undefined {
    const value = this.node.attributes.get(name);
    return isTexts(value) ? value : undefined;
  }

  /** Refuses an attribute unless it has the only value that is supported. */
  require(name: string, supported: number | string, why: string): void {
    const value = this.node.attributes.get(name);
    if (value !== undefined && value !== supported)
      throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `${name} = ${JSON.stringify(value)} is not supported; ${why}`);
  }
}

function isNumbers(value: Attribute | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function isTexts(value: Attribute | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** An axis counted from the front. */
export function normalizeAxis(axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(position) || position < 0 || position >= rank)
    throw new NodeProblem("SHAPE_MISMATCH", `axis ${axis} does not exist in a tensor of rank ${rank}`);
  return position;
}
