import { SdkError } from "./errors.ts";

/** Timers count in 31 bits. */
const LONGEST_MILLISECONDS = 2 ** 31 - 1;

/** Waits; throws `ABORTED` as soon as the signal says so. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_MILLISECONDS));
    signal?.addEventListener("abort", done);
  });
  throwIfAborted(signal);
}

/** What the work gives, or undefined if it takes longer; throws `ABORTED` as soon as the signal says so. */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const done = new AbortController();
  const given = signal === undefined ? [] : [signal];
  const expiry = pause(milliseconds, AbortSignal.any([done.signal, ...given])).then(() => undefined);
  try {
    return await Promise.race([work, expiry]);
  } finally {
    done.abort();
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SdkError("ABORTED", "the caller gave up waiting", { cause: signal.reason });
}
