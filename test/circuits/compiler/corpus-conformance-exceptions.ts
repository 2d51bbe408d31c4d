/** Exported models that are refused by design, and with what. */
export const REFUSED: ReadonlyMap<string, readonly string[]> = new Map([
  ["scikit-learn/svc-rbf-probabilities.onnx", ["ATTRIBUTE_UNSUPPORTED"]],
]);

/** Models that miss the accuracy asked for where they divide by next to nothing; their report says so. */
export const INACCURATE: ReadonlySet<string> = new Set(["pytorch/normalize-logsumexp.onnx"]);

/**
 * How much further models may be from ONNX Runtime than their report says, as a share of an output's range: where it rounds
 * to 255 steps between layers, the circuit goes on with what it had.
 */
export const DYNAMIC: ReadonlyMap<string, number> = new Map([
  ["quantized/dynamic-mlp-per-channel.onnx", 0.02],
  ["quantized/dynamic-mlp.onnx", 0.02],
]);

/** Models that answer otherwise than ONNX Runtime on inputs that they are not meant for: rows whose largest is negative. */
export const DIFFERENT: ReadonlySet<string> = new Set(["scikit-learn/normalizers.onnx"]);
