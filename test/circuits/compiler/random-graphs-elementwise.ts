import { seededWeights } from "./build-onnx.ts";
import { broadcast, type Draft, type Family, isFloat, pick, type Step, type Value } from "./random-graphs-draft.ts";

const UNEVEN = 0.9713;

interface Operand {
  readonly operand: Value | string;
  readonly shape: readonly number[];
  readonly most: number;
}

/** Another value that broadcasts with x, or a constant that does. */
function partner(draft: Draft, x: Value, { other, seed }: Step): Operand {
  const fitting = draft.values.filter((value) => isFloat(value) && broadcast(x.shape, value.shape) !== null);
  const found = fitting[other % (fitting.length + 2)];
  if (found !== undefined) return { operand: found, shape: broadcast(x.shape, found.shape) ?? [], most: found.most };
  const shape = pick([[], x.shape.slice(-1), x.shape], other);
  const values = seededWeights(
    shape.reduce((product, size) => product * size, 1),
    seed,
  );
  return { operand: draft.constant(shape, values), shape: x.shape, most: 1.5 };
}

const arithmetic: Family = (draft, x, step) => {
  if (!isFloat(x)) return null;
  const { operand, shape, most } = partner(draft, x, step);
  const op = pick(["Add", "Sub", "Mul", "Min", "Max"], step.seed >> 2);
  const inputs = step.seed % 2 === 0 ? [x, operand] : [operand, x];
  const bounds = { Mul: x.most * most, Min: Math.max(x.most, most), Max: Math.max(x.most, most) };
  return [
    draft.node(op, inputs, {
      type: "float",
      shape,
      most: op === "Mul" || op === "Min" || op === "Max" ? bounds[op] : x.most + most,
    }),
  ];
};

const divide: Family = (draft, x, step) => {
  if (!isFloat(x)) return null;
  if (step.seed % 2 === 0) {
    const divisor = draft.constant([], [pick([0.5, -2, 3], step.seed >> 1)]);
    return [draft.node("Div", [x, divisor], { most: 2 * x.most })];
  }
  const { operand, shape, most } = partner(draft, x, step);
  if (typeof operand === "string" || most > 30) return null;
  const size = draft.node("Abs", [operand], {});
  const divisor = draft.node("Add", [size, draft.constant([], [1])], { most: most + 1 });
  return [draft.node("Div", [x, divisor], { shape })];
};

const compare: Family = (draft, x, step) => {
  if (x.type === "int64") {
    const wanted = draft.constant([], [Math.floor(x.most / 2)], "int64");
    return [draft.node(pick(["Equal", "Greater", "LessOrEqual"], step.seed), [x, wanted], { type: "bool", most: 1 })];
  }
  if (!isFloat(x)) return null;
  const { operand, shape } = partner(draft, x, step);
  // What is equal for algebra's sake is equal up to noise in float32: two values are never compared as they are.
  const scaled = typeof operand === "string" ? operand : draft.node("Mul", [operand, draft.constant([], [UNEVEN])], {});
  const op = pick(["Greater", "Less", "GreaterOrEqual", "LessOrEqual"], step.seed);
  return [draft.node(op, [x, scaled], { type: "bool", shape, most: 1 })];
};

/** A choice between two; truth values are made if x is none. */
const where: Family = (draft, x, step) => {
  const [condition] = x.type === "bool" ? [x] : (compare(draft, x, step) ?? []);
  if (condition === undefined) return null;
  const fitting = draft.values.filter((value) => isFloat(value) && broadcast(condition.shape, value.shape) !== null);
  if (fitting.length === 0) return [condition];
  const one = pick(fitting, step.from);
  const { operand, shape, most } = partner(draft, one, step);
  const whole = broadcast(shape, condition.shape);
  if (whole === null) return [condition];
  const inputs = step.seed % 2 === 0 ? [condition, one, operand] : [condition, operand, one];
  return [draft.node("Where", inputs, { type: "float", shape: whole, most: Math.max(one.most, most) })];
};

/** Of two truth values; the first is made if x is none. */
const logic: Family = (draft, x, step) => {
  const [left] = x.type === "bool" ? [x] : (compare(draft, x, step) ?? []);
  if (left === undefined) return null;
  const fitting = draft.values.filter(({ type, shape }) => type === "bool" && broadcast(left.shape, shape) !== null);
  const right = fitting[step.other % (fitting.length + 1)];
  if (right === undefined || right === left) return [draft.node("Not", [left], {})];
  const op = pick(["And", "Or", "Xor"], step.seed);
  return [draft.node(op, [left, right], { shape: broadcast(left.shape, right.shape) ?? [] })];
};

const cast: Family = (draft, x) => {
  if (isFloat(x)) return null;
  return [draft.node("Cast", [x], { type: "float" }, { to: 1 })];
};

/** Functions of one number: name, attributes, and a bound for sizes up to `most`. */
const FUNCTIONS: readonly (readonly [string, Readonly<Record<string, { float: number }>>, (most: number) => number])[] =
  [
    ["Relu", {}, (most) => most],
    ["LeakyRelu", { alpha: { float: 0.1 } }, (most) => most],
    ["Elu", { alpha: { float: 1.5 } }, (most) => Math.max(1.5, most)],
    ["Sigmoid", {}, () => 1],
    ["Tanh", {}, () => 1],
    ["HardSigmoid", { alpha: { float: 0.3 } }, () => 1],
    ["HardSwish", {}, (most) => most],
    ["Softplus", {}, (most) => most + 1],
    ["Softsign", {}, () => 1],
    ["Erf", {}, () => 1],
    ["Sin", {}, () => 1],
    ["Abs", {}, (most) => most],
    ["Neg", {}, (most) => most],
    ["Sign", {}, () => 1],
    ["Floor", {}, (most) => most + 1],
    ["Round", {}, (most) => most + 1],
  ];

const activation: Family = (draft, x, { seed }) => {
  if (!isFloat(x)) return null;
  const [op, attributes, bound] = pick(FUNCTIONS, seed);
  return [draft.node(op, [x], { most: bound(x.most) }, attributes)];
};

/** Functions that want a part of the numbers. */
const bounded: Family = (draft, x, { seed }) => {
  if (!isFloat(x)) return null;
  if (seed % 3 === 0) {
    const size = draft.node("Abs", [x], {});
    return [draft.node("Sqrt", [size], { most: Math.max(1, x.most) })];
  }
  const range = [draft.constant([], [-1.5]), draft.constant([], [2])];
  const clipped = draft.node("Clip", [x, ...range], { most: 2 });
  if (seed % 3 === 1) return [clipped];
  return [draft.node("Exp", [clipped], { most: 7.5 })];
};

export const ELEMENTWISE: Readonly<Record<string, Family>> = {
  arithmetic,
  divide,
  compare,
  activation,
  bounded,
};

/** What takes truth values and whole numbers. */
export const CHOICE: Readonly<Record<string, Family>> = { where, logic, cast };
