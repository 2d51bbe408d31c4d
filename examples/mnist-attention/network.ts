import { AttentionLayer } from "../training/attention-layer.ts";
import { DenseLayer } from "../training/dense-layer.ts";
import type { Layer } from "../training/layer.ts";
import { MeanLayer } from "../training/mean-layer.ts";
import { NormLayer } from "../training/norm-layer.ts";
import { OffsetLayer } from "../training/offset-layer.ts";
import type { Random } from "../training/prng.ts";
import { ResidualLayer } from "../training/residual-layer.ts";

/** A token is four rows of pixels. */
export const TOKENS = 7;
export const TOKEN_PIXELS = 4 * 28;
export const WIDTH = 96;
export const HEADS = 4;
const INNER = 256;
const DIGITS = 10;

/** One transformer block that normalizes before it computes, between an embedding and a mean over the tokens. */
export interface Network {
  readonly embedding: DenseLayer;
  readonly places: OffsetLayer;
  readonly attentionNorm: NormLayer;
  readonly attention: AttentionLayer;
  readonly mix: DenseLayer;
  readonly innerNorm: NormLayer;
  readonly widen: DenseLayer;
  readonly narrow: DenseLayer;
  readonly head: DenseLayer;
}

export function createNetwork(weightDecay: number, random: Random): Network {
  const dense = (inputs: number, outputs: number, relu: boolean, rows = TOKENS): DenseLayer =>
    new DenseLayer({ rows, inputs, outputs, relu }, weightDecay, random);
  return {
    embedding: dense(TOKEN_PIXELS, WIDTH, false),
    places: new OffsetLayer(TOKENS * WIDTH, random),
    attentionNorm: new NormLayer(TOKENS, WIDTH),
    attention: new AttentionLayer({ rows: TOKENS, width: WIDTH, heads: HEADS }, weightDecay, random),
    mix: dense(WIDTH, WIDTH, false),
    innerNorm: new NormLayer(TOKENS, WIDTH),
    widen: dense(WIDTH, INNER, true),
    narrow: dense(INNER, WIDTH, false),
    head: dense(WIDTH, DIGITS, false, 1),
  };
}

/** The network as a chain to run and train. */
export function layersOf(network: Network): Layer[] {
  const { embedding, places, attentionNorm, attention, mix, innerNorm, widen, narrow, head } = network;
  return [
    embedding,
    places,
    new ResidualLayer([attentionNorm, attention, mix]),
    new ResidualLayer([innerNorm, widen, narrow]),
    new MeanLayer(TOKENS, WIDTH),
    head,
  ];
}
