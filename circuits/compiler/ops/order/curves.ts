import type { Curve } from "../../graph/layer.ts";

/** Of what is at most 0. */
export const EXPONENTIAL: Curve = { name: "Exp(min(x, 0))", of: (x) => Math.exp(Math.min(x, 0)) };

export const ROOT: Curve = { name: "Sqrt(max(x, 0))", of: (x) => Math.sqrt(Math.max(x, 0)) };

/** The least positive float32: ONNX Runtime gives -Infinity below it. */
const LEAST = 2 ** -126;

export const LOGARITHM: Curve = { name: "Log", of: (x) => Math.log(Math.max(x, LEAST)) };

/** Of a sum of exponentials whose largest is 1. */
export const LOGARITHM_ABOVE_1: Curve = { name: "Log(max(x, 1))", of: (x) => Math.log(Math.max(x, 1)) };
