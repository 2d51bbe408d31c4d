import { type Family, isFloat, LARGEST, pick, sizeOf } from "./random-graphs-draft.ts";

const maxPool: Family = (draft, x, { seed }) => {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  if (!isFloat(x) || spatial.length < 1 || spatial.length > 2) return null;
  const kernel = spatial.map((size) => Math.min(size, 2));
  const stride = 1 + (seed % 2);
  const out = spatial.map((size, at) => Math.floor((size - (kernel[at] ?? 1)) / stride) + 1);
  const attributes = { kernel_shape: kernel, strides: spatial.map(() => stride) };
  return [draft.node("MaxPool", [x], { shape: [batch, channels, ...out] }, attributes)];
};

const reduceOrder: Family = (draft, x, { seed }) => {
  if (!isFloat(x) || x.shape.length < 2) return null;
  const axis = seed % x.shape.length;
  const keepdims = (seed >> 3) % 2;
  const shape = x.shape.flatMap((size, at) => (at !== axis ? [size] : keepdims === 1 ? [1] : []));
  if (seed % 3 > 0) {
    const op = seed % 3 === 1 ? "ReduceMax" : "ReduceMin";
    return [draft.node(op, [x], { shape }, { axes: [axis], keepdims })];
  }
  const op = pick(["ArgMax", "ArgMin"], seed >> 4);
  const most = (x.shape[axis] ?? 1) - 1;
  return [draft.node(op, [x], { type: "int64", shape, most }, { axis, keepdims })];
};

const topK: Family = (draft, x, { seed }) => {
  const axis = x.shape.length - 1;
  const length = x.shape[axis] ?? 0;
  if (!isFloat(x) || length < 2 || length > 6) return null;
  const count = 1 + (seed % Math.min(3, length));
  const shape = [...x.shape.slice(0, -1), count];
  const outputs = [{ shape }, { shape, type: "int64" as const, most: length - 1 }];
  return draft.split("TopK", [x, draft.indices(count)], outputs, { axis: -1, largest: (seed >> 2) % 2 });
};

const transpose: Family = (draft, x, { seed }) => {
  if (x.shape.length < 2) return null;
  const axes = x.shape.map((_, axis) => axis);
  const shift = 1 + (seed % (axes.length - 1));
  const perm = seed % 2 === 0 ? axes.toReversed() : axes.map((axis) => (axis + shift) % axes.length);
  return [draft.node("Transpose", [x], { shape: perm.map((axis) => x.shape[axis] ?? 1) }, { perm })];
};

const reshape: Family = (draft, x, { seed }) => {
  const size = sizeOf(x.shape);
  if (seed % 4 === 0 && x.shape.length >= 2) {
    const axis = 1 + (seed % x.shape.length);
    const rows = sizeOf(x.shape.slice(0, axis));
    return [draft.node("Flatten", [x], { shape: [rows, size / rows] }, { axis })];
  }
  const divisors = [1, 2, 3, 4, 5, 6].filter((divisor) => size % divisor === 0);
  const rows = pick(divisors, seed >> 2);
  const shape = pick(
    [
      [1, size],
      [1, rows, size / rows],
      [rows, size / rows],
      [1, 1, rows, size / rows],
    ],
    seed,
  );
  const wanted = shape.map((length, axis) => (axis === shape.length - 1 && seed % 3 === 0 ? -1 : length));
  return [draft.node("Reshape", [x, draft.indices(...wanted)], { shape })];
};

const squeeze: Family = (draft, x) => {
  const ones = x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const [axis] = ones;
  if (x.shape.length < 4 && x.shape.length > 0)
    return [draft.node("Unsqueeze", [x, draft.indices(-1)], { shape: [...x.shape, 1] })];
  if (axis === undefined) return null;
  return [draft.node("Squeeze", [x, draft.indices(axis)], { shape: x.shape.filter((_, at) => at !== axis) })];
};

/** Start, end, step. */
const CUTS: readonly ((length: number) => readonly [number, number, number])[] = [
  (length) => [1, length, 1],
  () => [0, -1, 1],
  (length) => [-1, -length - 1, -1],
  () => [0, 99, 2],
];

const slice: Family = (draft, x, { seed }) => {
  const axis = seed % Math.max(1, x.shape.length);
  const length = x.shape[axis] ?? 0;
  if (length < 2) return null;
  const [start, end, step] = pick(CUTS, seed >> 3)(length);
  const count = step === 1 ? length - 1 : step === 2 ? Math.ceil(length / 2) : length;
  const inputs = [x, draft.indices(start), draft.indices(end), draft.indices(axis), draft.indices(step)];
  return [draft.node("Slice", inputs, { shape: x.shape.with(axis, count) })];
};

const concat: Family = (draft, x, { other, seed }) => {
  if (x.shape.length === 0) return null;
  const axis = seed % x.shape.length;
  const fitting = draft.values.filter(
    ({ type, shape }) =>
      type === x.type &&
      shape.length === x.shape.length &&
      shape.every((size, at) => at === axis || size === x.shape[at]),
  );
  const value = pick(fitting, other);
  const shape = x.shape.with(axis, (x.shape[axis] ?? 0) + (value.shape[axis] ?? 0));
  if (sizeOf(shape) > LARGEST) return null;
  return [draft.node("Concat", [x, value], { shape, most: Math.max(x.most, value.most) }, { axis })];
};

const pad: Family = (draft, x, { seed }) => {
  if (!isFloat(x) || x.shape.length === 0) return null;
  const axis = x.shape.length - 1;
  const length = x.shape[axis] ?? 0;
  const mode = length > 1 ? pick(["constant", "reflect", "edge"], seed) : "constant";
  const [before, after] = [seed % 2, (seed >> 1) % 2];
  const shape = x.shape.with(axis, length + before + after);
  if (sizeOf(shape) > LARGEST) return null;
  const zeros = x.shape.slice(0, -1).map(() => 0);
  const fill = mode === "constant" ? [draft.constant([], [0.75])] : [];
  const pads = draft.indices(...zeros, before, ...zeros, after);
  return [draft.node("Pad", [x, pads, ...fill], { shape, most: Math.max(1, x.most) }, { mode })];
};

const split: Family = (draft, x, { seed }) => {
  const axis = seed % Math.max(1, x.shape.length);
  const length = x.shape[axis] ?? 0;
  if (length < 2) return null;
  const first = 1 + ((seed >> 2) % (length - 1));
  const parts = [first, length - first];
  const outputs = parts.map((part) => ({ shape: x.shape.with(axis, part) }));
  return draft.split("Split", [x, draft.indices(...parts)], outputs, { axis });
};

const gather: Family = (draft, x, { seed }) => {
  const axis = seed % Math.max(1, x.shape.length);
  const length = x.shape[axis] ?? 0;
  if (length === 0) return null;
  const wanted = [seed % length, -1 - ((seed >> 2) % length)];
  const shape = x.shape.toSpliced(axis, 1, 2);
  if (sizeOf(shape) > LARGEST) return null;
  return [draft.node("Gather", [x, draft.indices(...wanted)], { shape }, { axis })];
};

/** Rows that a computed index asks for: that of the largest if x is none. */
const gatherComputed: Family = (draft, x, { from, seed }) => {
  const indices = x.type === "int64" ? x : topK(draft, x, { family: 0, other: 0, from, seed })?.at(-1);
  if (indices === undefined) return null;
  const places = draft.values.flatMap((table) =>
    isFloat(table) ? table.shape.flatMap((size, axis) => (size > indices.most ? [{ table, axis }] : [])) : [],
  );
  if (places.length === 0) return [indices];
  const { table, axis } = pick(places, from);
  const shape = table.shape.toSpliced(axis, 1, ...indices.shape);
  if (sizeOf(shape) > LARGEST || shape.length > 5) return [indices];
  return [draft.node("Gather", [table, indices], { shape }, { axis })];
};

export const ORDER: Readonly<Record<string, Family>> = { maxPool, reduceOrder, topK };

export const SHAPE: Readonly<Record<string, Family>> = {
  transpose,
  reshape,
  squeeze,
  slice,
  concat,
  pad,
  split,
  gather,
};

/** What takes computed indices. */
export const INDEX: Readonly<Record<string, Family>> = { gatherComputed };
