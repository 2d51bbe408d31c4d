/** real = scale (integer - zeroPoint); scales are exact in float32. */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface QuantizedWeights {
  /** Symmetric: from -127 to 127, zero at 0. */
  readonly values: Int8Array;
  /** One for each output channel. */
  readonly scales: Float32Array;
}

const ACTIVATION_LEVELS = 255;
const LARGEST_WEIGHT = 127;

/** uint8 for values from `min` to `max`, stretched so that zero is one of the 256 levels. */
export function activationQuantization(min: number, max: number): Quantization {
  const low = Math.min(0, min);
  const scale = Math.fround((Math.max(0, max) - low) / ACTIVATION_LEVELS);
  return { scale, zeroPoint: roundHalfEven((0 - low) / scale) };
}

/** int8, each of the `channels` rows of weights to its own largest magnitude. */
export function quantizeWeights(weights: Float32Array, channels: number): QuantizedWeights {
  const length = weights.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, channel) => {
    const row = weights.subarray(channel * length, (channel + 1) * length);
    return row.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / LARGEST_WEIGHT || 1;
  });
  const values = Int8Array.from(weights, (weight, at) => {
    const integer = roundHalfEven(weight / (scales[Math.floor(at / length)] ?? 1));
    return Math.max(-LARGEST_WEIGHT, Math.min(LARGEST_WEIGHT, integer));
  });
  return { values, scales };
}

/** int32 in units of the input's scale times the weights', one for each channel. */
export function quantizeBias(bias: Float32Array, units: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, channel) => roundHalfEven(value / (units[channel] ?? 1)));
}

/** As NumPy and ONNX Runtime round. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
