import { seededWeights, type TestAttribute, type TestConstant, type TestNode } from "./build-onnx.ts";

/** A value of a graph that is being drawn. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: "float" | "bool" | "int64";
  /** No element is larger in size, rounding aside. */
  readonly most: number;
  /** Whether it is a graph input, where decision trees may stand. */
  readonly input?: boolean;
}

/** What one node is drawn from. */
export interface Step {
  readonly family: number;
  /** Which of the values it takes, modulo how many fit. */
  readonly from: number;
  readonly other: number;
  readonly seed: number;
}

/** Appends nodes that take `x`, if they can; says what they give, or null if `x` does not fit. */
export type Family = (draft: Draft, x: Value, step: Step) => readonly Value[] | null;

/** Values have at most so many elements. */
export const LARGEST = 36;
/** Larger values are scaled down, so that products of products keep some digits. */
const LOUD = 60;

/** A graph that is being drawn: nodes and constants are appended, and values remembered. */
export class Draft {
  readonly nodes: TestNode[] = [];
  readonly constants: TestConstant[] = [];
  readonly values: Value[] = [];
  readonly consumed = new Set<string>();
  #count = 0;

  constant(shape: readonly number[], values: readonly number[], type: TestConstant["type"] = "float"): string {
    const name = this.#fresh("c");
    const kept = type === "float" ? values.map(Math.fround) : values;
    this.constants.push({ name, shape, values: kept, type });
    return name;
  }

  indices(...values: readonly number[]): string {
    return this.constant([values.length], values, "int64");
  }

  /** A node with one output, of the first input's type and bound unless told. */
  node(
    op: string,
    inputs: readonly (Value | string)[],
    output: Partial<Omit<Value, "name">>,
    attributes: Readonly<Record<string, TestAttribute>> = {},
    domain = "",
  ): Value {
    const [value] = this.split(op, inputs, [output], attributes, domain);
    if (value === undefined) throw new Error(`${op} without an output`);
    return value;
  }

  split(
    op: string,
    inputs: readonly (Value | string)[],
    outputs: readonly Partial<Omit<Value, "name">>[],
    attributes: Readonly<Record<string, TestAttribute>> = {},
    domain = "",
  ): readonly Value[] {
    const first = inputs.find((input) => typeof input !== "string");
    const values = outputs.map((output): Value => {
      const { shape = first?.shape ?? [], type = first?.type ?? "float", most = first?.most ?? 1 } = output;
      return { name: this.#fresh("v"), shape, type, most };
    });
    for (const input of inputs) if (typeof input !== "string") this.consumed.add(input.name);
    const names = inputs.map((input) => (typeof input === "string" ? input : input.name));
    this.nodes.push({ op, domain, inputs: names, outputs: values.map(({ name }) => name), attributes });
    return values;
  }

  /** Remembers what a step gave; what has grown too large is scaled down first. */
  keep(values: readonly Value[]): void {
    for (const value of values) {
      const loud = value.type === "float" && value.most > LOUD;
      this.values.push(loud ? this.node("Mul", [value, this.constant([], [8 / value.most])], { most: 8 }) : value);
    }
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function pick<Item>(items: readonly Item[], at: number): Item {
  const item = items[at % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

export function isFloat({ type }: Value): boolean {
  return type === "float";
}

/** Seeded weights of rows that add up to about `gain`, and the most that a row of them can add to values up to 1. */
export function weightRows(rows: number, columns: number, seed: number): { values: number[]; gain: number } {
  const values = seededWeights(rows * columns, seed, 1.2 / Math.sqrt(columns));
  const sums = Array.from({ length: rows }, (_, row) =>
    values.slice(row * columns, (row + 1) * columns).reduce((sum, weight) => sum + Math.abs(weight), 0),
  );
  return { values, gain: Math.max(...sums) };
}

/** Rows to columns. */
export function transposed(values: readonly number[], rows: number, columns: number): number[] {
  return Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

/** The shape that two broadcast to; null if they do not. */
export function broadcast(one: readonly number[], other: readonly number[]): number[] | null {
  const rank = Math.max(one.length, other.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = one[axis - rank + one.length] ?? 1;
    const right = other[axis - rank + other.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    shape.push(Math.max(left, right));
  }
  return sizeOf(shape) <= LARGEST ? shape : null;
}
