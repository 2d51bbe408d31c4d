import { QuoteError } from "./quote-provider.ts";

/** What comes of the work, or `QUOTE_TIMEOUT`. The work goes on by itself, since a read of the kernel cannot be ended. */
export async function within<T>(milliseconds: number, from: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const message = `${from} made no quote within ${milliseconds} ms`;
  const timer = setTimeout(() => late.reject(new QuoteError("QUOTE_TIMEOUT", message)), milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
