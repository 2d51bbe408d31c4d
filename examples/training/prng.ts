/** A source of pseudo-random numbers that gives the same sequence for the same seed on every machine. */
export interface Random {
  /** A number in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** An integer in [0, bound). `bound` is a positive integer below 2^32. */
  below(bound: number): number;
  /** A sample of the standard normal distribution. */
  normal(): number;
  /** The integers 0 to `count` - 1 in random order. */
  permutation(count: number): Uint32Array;
}

/**
 * mulberry32: 32 bits of state, ample for shuffling and initial weights, in integer arithmetic that is the same
 * everywhere. Not for secrets.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };

  const below = (bound: number): number => Math.floor(uniform() * bound);

  // Box-Muller; 1 - uniform() keeps the logarithm away from zero.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

  const permutation = (count: number): Uint32Array => {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = below(last + 1);
      const moved = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = moved;
    }
    return order;
  };

  return { uniform, below, normal, permutation };
}
