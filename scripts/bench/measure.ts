/** Milliseconds of one call, with its result. */
export async function timed<T>(run: () => T | Promise<T>): Promise<{ result: T; ms: number }> {
  const started = performance.now();
  const result = await run();
  return { result, ms: performance.now() - started };
}

/** Median, least and greatest of several runs in milliseconds: these machines are noisy, so the spread is part of it. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export async function repeated(count: number, run: () => Promise<unknown>): Promise<Spread> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) times.push((await timed(run)).ms);
  times.sort((left, right) => left - right);
  return {
    median: times[Math.floor(times.length / 2)] ?? Number.NaN,
    min: times[0] ?? Number.NaN,
    max: times.at(-1) ?? Number.NaN,
  };
}
