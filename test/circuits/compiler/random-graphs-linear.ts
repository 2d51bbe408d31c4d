import { seededWeights } from "./build-onnx.ts";
import { type Family, isFloat, LARGEST, pick, sizeOf, transposed, weightRows } from "./random-graphs-draft.ts";

const gemm: Family = (draft, x, { seed }) => {
  const [batch = 0, from = 0] = x.shape;
  if (!isFloat(x) || x.shape.length !== 2) return null;
  const to = Math.min(1 + (seed % 6), Math.floor(LARGEST / batch));
  const { values, gain } = weightRows(to, from, seed);
  const transB = seed % 2;
  const weight = draft.constant(
    transB === 1 ? [to, from] : [from, to],
    transB === 1 ? values : transposed(values, to, from),
  );
  const alpha = pick([1, 0.5, -1.5], seed);
  const bias = seed % 5 === 0 ? [] : [draft.constant([to], seededWeights(to, seed + 1))];
  const most = Math.abs(alpha) * x.most * gain + 1.5;
  return [draft.node("Gemm", [x, weight, ...bias], { shape: [batch, to], most }, { transB, alpha: { float: alpha } })];
};

const matmulRight: Family = (draft, x, { seed }) => {
  const from = x.shape.at(-1) ?? 0;
  if (!isFloat(x) || x.shape.length < 2) return null;
  const to = Math.max(1, Math.min(1 + (seed % 5), Math.floor((LARGEST * from) / sizeOf(x.shape))));
  const { values, gain } = weightRows(to, from, seed);
  const weight = draft.constant([from, to], transposed(values, to, from));
  return [draft.node("MatMul", [x, weight], { shape: [...x.shape.slice(0, -1), to], most: x.most * gain })];
};

const matmulLeft: Family = (draft, x, { seed }) => {
  const [from = 0, columns = 0] = x.shape.slice(-2);
  if (!isFloat(x) || x.shape.length < 2) return null;
  const to = Math.max(1, Math.min(1 + (seed % 4), Math.floor((LARGEST * from) / sizeOf(x.shape))));
  const { values, gain } = weightRows(to, from, seed);
  const weight = draft.constant([to, from], values);
  return [
    draft.node("MatMul", [weight, x], { ...x, shape: [...x.shape.slice(0, -2), to, columns], most: x.most * gain }),
  ];
};

/** Rows with each other, as attention scores are. */
const matmulComputed: Family = (draft, x) => {
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  const shape = [...x.shape.slice(0, -2), rows, rows];
  if (!isFloat(x) || x.shape.length < 2 || sizeOf(shape) * columns > 2 * LARGEST || x.most > 8) return null;
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), axes.length - 1, axes.length - 2];
  const turned = draft.node("Transpose", [x], { shape: [...x.shape.slice(0, -2), columns, rows] }, { perm });
  return [draft.node("MatMul", [x, turned], { shape, most: columns * x.most ** 2 })];
};

const conv: Family = (draft, x, { seed }) => {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  if (!isFloat(x) || batch !== 1 || spatial.length < 1 || spatial.length > 2) return null;
  const depthwise = channels > 1 && seed % 2 === 1;
  const kernel = spatial.map((size, at) => Math.min(size, 1 + ((seed >> at) % 3)));
  const pads = [...spatial.map((_, at) => (seed >> (at + 2)) % 2), ...spatial.map((_, at) => (seed >> (at + 4)) % 2)];
  const out = spatial.map(
    (size, at) => size + (pads[at] ?? 0) + (pads[at + spatial.length] ?? 0) - (kernel[at] ?? 1) + 1,
  );
  const to = depthwise ? channels : Math.max(1, Math.min(1 + (seed % 3), Math.floor(LARGEST / sizeOf(out))));
  if (to * sizeOf(out) > LARGEST) return null;
  const width = depthwise ? 1 : channels;
  const { values, gain } = weightRows(to, width * sizeOf(kernel), seed);
  const weight = draft.constant([to, width, ...kernel], values);
  const bias = seed % 3 === 0 ? [] : [draft.constant([to], seededWeights(to, seed + 1))];
  const attributes = { pads, kernel_shape: kernel, group: depthwise ? channels : 1 };
  return [draft.node("Conv", [x, weight, ...bias], { shape: [1, to, ...out], most: x.most * gain + 1.5 }, attributes)];
};

const averagePool: Family = (draft, x, { seed }) => {
  const [batch = 0, channels = 0, ...spatial] = x.shape;
  if (!isFloat(x) || spatial.length < 1 || spatial.length > 2) return null;
  if (seed % 3 === 0) {
    const shape = [batch, channels, ...spatial.map(() => 1)];
    return [draft.node("GlobalAveragePool", [x], { shape })];
  }
  const kernel = spatial.map((size) => Math.min(size, 2));
  const shape = [batch, channels, ...spatial.map((size, at) => size - (kernel[at] ?? 1) + 1)];
  return [draft.node("AveragePool", [x], { shape }, { kernel_shape: kernel })];
};

const batchNormalization: Family = (draft, x, { seed }) => {
  const channels = x.shape[1] ?? 0;
  if (!isFloat(x) || x.shape.length < 2) return null;
  const draw = (offset: number): readonly number[] => seededWeights(channels, seed + offset);
  const scale = draw(1);
  const variance = draw(2).map((value) => 0.5 + Math.abs(value));
  const [scales, bias, mean] = [
    draft.constant([channels], scale),
    draft.constant([channels], draw(3)),
    draft.constant([channels], draw(4)),
  ];
  const most =
    (x.most + 1.5) * Math.max(...scale.map((value, at) => Math.abs(value) / Math.sqrt(variance[at] ?? 1))) + 1.5;
  return [draft.node("BatchNormalization", [x, scales, bias, mean, draft.constant([channels], variance)], { most })];
};

const reduceLinear: Family = (draft, x, { seed }) => {
  if (!isFloat(x) || x.shape.length < 2) return null;
  const axis = seed % x.shape.length;
  const keepdims = (seed >> 3) % 2;
  const shape = x.shape.flatMap((size, at) => (at !== axis ? [size] : keepdims === 1 ? [1] : []));
  const most = x.most * (x.shape[axis] ?? 1);
  if (seed % 2 === 0) return [draft.node("ReduceMean", [x], { shape }, { axes: [axis - x.shape.length], keepdims })];
  return [draft.node("ReduceSum", [x, draft.indices(axis)], { shape, most }, { keepdims })];
};

const cumSum: Family = (draft, x, { seed }) => {
  if (!isFloat(x) || x.shape.length < 1) return null;
  const axis = seed % x.shape.length;
  const most = x.most * (x.shape[axis] ?? 1);
  const attributes = { exclusive: seed % 2, reverse: (seed >> 1) % 2 };
  return [draft.node("CumSum", [x, draft.constant([], [axis], "int64")], { most }, attributes)];
};

export const LINEAR: Readonly<Record<string, Family>> = {
  gemm,
  matmulRight,
  matmulLeft,
  matmulComputed,
  conv,
  averagePool,
  batchNormalization,
  reduceLinear,
  cumSum,
};
