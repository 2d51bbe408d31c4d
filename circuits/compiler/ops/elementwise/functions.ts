import type { Op } from "../op.ts";
import { curveOp } from "./curve-op.ts";
import { erf as errorFunction } from "./erf.ts";

const AT_ITS_DOMAIN = "anything; outside its domain it keeps the nearest value that it has";

function named(name: string, of: (x: number) => number, cost: string, takes?: string): Op {
  return curveOp(() => ({ name, of }), cost, takes);
}

export const reciprocal = named(
  "Reciprocal",
  (x) => 1 / x,
  "COST",
  "anything; a number nearer to 0 than one unit of its scale counts as that unit",
);
export const sqrt = named("Sqrt", Math.sqrt, "COST", AT_ITS_DOMAIN);
export const exp = named("Exp", Math.exp, "COST");
export const log = named("Log", Math.log, "COST", AT_ITS_DOMAIN);
export const erf = named("Erf", errorFunction, "COST");
export const sin = named("Sin", Math.sin, "COST");
export const cos = named("Cos", Math.cos, "COST");
export const tan = named("Tan", Math.tan, "COST");
export const asin = named("Asin", Math.asin, "COST", AT_ITS_DOMAIN);
export const acos = named("Acos", Math.acos, "COST", AT_ITS_DOMAIN);
export const atan = named("Atan", Math.atan, "COST");
export const sinh = named("Sinh", Math.sinh, "COST");
export const cosh = named("Cosh", Math.cosh, "COST");
export const asinh = named("Asinh", Math.asinh, "COST");
export const acosh = named("Acosh", Math.acosh, "COST", AT_ITS_DOMAIN);
export const atanh = named("Atanh", Math.atanh, "COST", AT_ITS_DOMAIN);
