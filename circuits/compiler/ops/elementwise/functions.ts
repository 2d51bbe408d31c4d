import type { Op } from "../op.ts";
import { curveOp } from "./curve-op.ts";
import { erf as errorFunction } from "./erf.ts";

const AT_ITS_DOMAIN = "anything; outside its domain it keeps the nearest value that it has";

function named(name: string, of: (x: number) => number, rows: number, takes?: string): Op {
  return curveOp(() => ({ name, of }), rows, takes);
}

export const reciprocal = named(
  "Reciprocal",
  (x) => 1 / x,
  87,
  "anything; a number nearer to 0 than one unit of its scale counts as that unit",
);
export const sqrt = named("Sqrt", Math.sqrt, 84, AT_ITS_DOMAIN);
export const exp = named("Exp", Math.exp, 93);
export const log = named("Log", Math.log, 97, AT_ITS_DOMAIN);
export const erf = named("Erf", errorFunction, 103);
export const sin = named("Sin", Math.sin, 133);
export const cos = named("Cos", Math.cos, 133);
export const tan = named("Tan", Math.tan, 133);
export const asin = named("Asin", Math.asin, 93, AT_ITS_DOMAIN);
export const acos = named("Acos", Math.acos, 82, AT_ITS_DOMAIN);
export const atan = named("Atan", Math.atan, 112);
export const sinh = named("Sinh", Math.sinh, 123);
export const cosh = named("Cosh", Math.cosh, 122);
export const asinh = named("Asinh", Math.asinh, 97);
export const acosh = named("Acosh", Math.acosh, 88, AT_ITS_DOMAIN);
export const atanh = named("Atanh", Math.atanh, 101, AT_ITS_DOMAIN);
