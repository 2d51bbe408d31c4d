import { curveOp } from "../elementwise/curve-op.ts";
import { erf } from "../elementwise/erf.ts";

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));
/** log(1 + e^x), where e^x would overflow too. */
const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** Attributes are float32 in the file: constants of the standard are rounded as ONNX Runtime rounds them. */
const SELU = { alpha: Math.fround(1.6732632423543772), gamma: Math.fround(1.0507009873554805) };

export const sigmoid = curveOp(() => ({ name: "Sigmoid", of: sigmoidOf }), 99);
export const tanh = curveOp(() => ({ name: "Tanh", of: Math.tanh }), 106);
export const softplus = curveOp(() => ({ name: "Softplus", of: softplusOf }), 72);
export const softsign = curveOp(() => ({ name: "Softsign", of: (x) => x / (1 + Math.abs(x)) }), 128);
export const mish = curveOp(() => ({ name: "Mish", of: (x) => x * Math.tanh(softplusOf(x)) }), 76);

export const elu = curveOp((view) => {
  const alpha = view.number("alpha", 1);
  return { name: `Elu(${alpha})`, of: (x) => (x > 0 ? x : alpha * Math.expm1(x)) };
}, 66);

export const celu = curveOp((view) => {
  const alpha = view.number("alpha", 1);
  return { name: `Celu(${alpha})`, of: (x) => (x > 0 ? x : alpha * Math.expm1(x / alpha)) };
}, 66);

export const selu = curveOp((view) => {
  const [alpha, gamma] = [view.number("alpha", SELU.alpha), view.number("gamma", SELU.gamma)];
  return { name: `Selu(${alpha}, ${gamma})`, of: (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x)) };
}, 66);

export const gelu = curveOp(
  (view) =>
    view.text("approximate", "none") === "tanh"
      ? { name: "Gelu(tanh)", of: (x) => 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x ** 3))) }
      : { name: "Gelu", of: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)) },
  73,
);

export const swish = curveOp((view) => {
  const alpha = view.number("alpha", 1);
  return { name: `Swish(${alpha})`, of: (x) => x * sigmoidOf(alpha * x) };
}, 75);

/** x * max(0, min(1, x / 6 + 1 / 2)). */
export const hardSwish = curveOp(() => ({ name: "HardSwish", of: hardSwishOf }), 77);

function hardSwishOf(x: number): number {
  return x * Math.max(0, Math.min(1, x / 6 + 0.5));
}
