import { AssayError } from "../../../circuits/format/error.ts";
import type { UnsignedCall } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";

/** Kinds of quotes, as the quote verifiers on chain name them. */
export type QuoteKind = "dcap" | "nitro";

/** Who makes quotes: the hardware's statement that this code holds this key. */
export interface QuoteProvider {
  /** As in a worker's configuration. */
  readonly name: string;
  /** Together with `simulated` it says which quote verifier of a deployment understands these quotes. */
  readonly kind: QuoteKind;
  /** True if no hardware is behind it: such quotes prove no isolation. */
  readonly simulated: boolean;
  /** A quote over 64 bytes of report data. Throws a `QuoteError`. */
  quote(reportData: Uint8Array): Promise<Uint8Array>;
  /**
   * The next transaction that the chain needs before `verifier` can take this quote, or null. It is asked again, with a
   * fresh quote, when that one is mined.
   */
  preparation?(quote: Uint8Array, verifier: string, client: Client): Promise<UnsignedCall | null>;
}

export type QuoteErrorCode =
  /** Nothing there that makes quotes, or no permission to use it. */
  | "QUOTE_UNAVAILABLE"
  /** Somebody else uses it, or it was interrupted. */
  | "QUOTE_BUSY"
  | "QUOTE_TIMEOUT"
  /** Who makes quotes answered that it does not. */
  | "QUOTE_REFUSED"
  /** What came is no quote. */
  | "QUOTE_INVALID"
  /** Hardware whose quotes no verifier on chain reads. */
  | "QUOTE_UNSUPPORTED"
  | "REPORT_DATA_LENGTH";

const RETRYABLE: readonly QuoteErrorCode[] = ["QUOTE_BUSY", "QUOTE_TIMEOUT", "QUOTE_REFUSED"];

export class QuoteError extends AssayError {
  declare readonly code: QuoteErrorCode;
  constructor(
    code: QuoteErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, { ...options, retryable: RETRYABLE.includes(code) });
  }
}

export const REPORT_DATA_BYTES = 64;
/** What the verifiers on chain take at most. */
export const MAX_QUOTE_BYTES = 16_384;

export function requireReportData(reportData: Uint8Array): void {
  if (reportData.length !== REPORT_DATA_BYTES)
    throw new QuoteError("REPORT_DATA_LENGTH", `report data is ${REPORT_DATA_BYTES} bytes, not ${reportData.length}`);
}

/** Throws `QUOTE_INVALID` for one that no verifier on chain would look at. */
export function requireQuote(quote: Uint8Array, from: string): Uint8Array {
  if (quote.length > 0 && quote.length <= MAX_QUOTE_BYTES) return quote;
  const problem = quote.length === 0 ? "is empty" : `is longer than ${MAX_QUOTE_BYTES} bytes`;
  throw new QuoteError("QUOTE_INVALID", `the quote of ${from} ${problem}`, { details: { had: quote.length } });
}
