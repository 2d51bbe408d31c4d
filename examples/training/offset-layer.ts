import { Adam } from "./adam.ts";
import type { Layer } from "./layer.ts";
import type { Random } from "./prng.ts";

/** Adds a learnt vector to the whole input: tells the places of a sequence apart. */
export class OffsetLayer implements Layer {
  readonly offset: Float32Array;
  readonly parameters: readonly [Adam];

  constructor(count: number, random: Random) {
    this.offset = Float32Array.from({ length: count }, () => 0.1 * random.normal());
    this.parameters = [new Adam(this.offset, 0)];
  }

  forward(input: Float32Array): Float32Array {
    return this.offset.map((value, at) => value + (input[at] ?? 0));
  }

  backward(error: Float32Array): Float32Array {
    const { gradient } = this.parameters[0];
    error.forEach((slope, at) => (gradient[at] = (gradient[at] ?? 0) + slope));
    return error;
  }
}
