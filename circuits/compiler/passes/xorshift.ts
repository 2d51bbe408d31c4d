/** Marsaglia's 32-bit xorshift, as numbers in [0, 1): the same on every machine. A seed of 0 would give nothing but 0. */
export function xorshift(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
