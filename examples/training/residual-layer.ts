import type { Adam } from "./adam.ts";
import { passBack, run } from "./descent.ts";
import type { Layer } from "./layer.ts";

/** x + inner(x): a way around some layers. */
export class ResidualLayer implements Layer {
  readonly inner: readonly Layer[];
  readonly parameters: readonly Adam[];

  constructor(inner: readonly Layer[]) {
    this.inner = inner;
    this.parameters = inner.flatMap((layer) => layer.parameters);
  }

  forward(input: Float32Array): Float32Array {
    return run(this.inner, input).map((value, at) => value + (input[at] ?? 0));
  }

  backward(error: Float32Array): Float32Array {
    return passBack(this.inner, error).map((value, at) => value + (error[at] ?? 0));
  }
}
