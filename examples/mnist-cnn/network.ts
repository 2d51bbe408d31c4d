import { ConvolutionLayer } from "../training/convolution-layer.ts";
import { DenseLayer } from "../training/dense-layer.ts";
import type { Random } from "../training/prng.ts";

/** LeNet-5's shape (LeCun et al. 1998) with maximum pooling, ReLU and full connections. */
export interface Network {
  readonly convolutions: readonly ConvolutionLayer[];
  readonly dense: readonly DenseLayer[];
}

export const SIDE = 28;

export function createNetwork(weightDecay: number, random: Random): Network {
  const convolution = (channels: number, size: number, filters: number): ConvolutionLayer =>
    new ConvolutionLayer({ channels, size, filters, kernel: 5 }, weightDecay, random);
  const dense = (inputs: number, outputs: number, relu: boolean): DenseLayer =>
    new DenseLayer({ inputs, outputs, relu }, weightDecay, random);
  return {
    convolutions: [convolution(1, SIDE, 6), convolution(6, 12, 16)],
    dense: [dense(16 * 4 * 4, 120, true), dense(120, 84, true), dense(84, 10, false)],
  };
}
