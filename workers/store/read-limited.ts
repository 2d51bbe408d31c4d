import { concatBytes } from "../../circuits/format/tensor.ts";
import type { GetOptions } from "../sdk/store/artifact-store.ts";
import { StoreError } from "./store-error.ts";

/** What a store reads and waits at most. */
export interface StoreLimits {
  /** Larger artifacts are cut off with `ARTIFACT_TOO_LARGE`. 256 MiB when left out. */
  readonly maxBytes?: number;
  /** For the whole of an artifact that is read. 60 s when left out. */
  readonly timeoutMs?: number;
}

export const STORE_LIMITS = Object.freeze({ maxBytes: 256 * 2 ** 20, timeoutMs: 60_000 });

/** What one reading may take: the store's own limits, or those of whoever asks, whichever are narrower. */
export function boundsOf(
  { maxBytes, timeoutMs }: Required<StoreLimits>,
  { maxBytes: asked = Infinity, signal }: GetOptions,
): { readonly maxBytes: number; readonly signal: AbortSignal } {
  const timeout = AbortSignal.timeout(timeoutMs);
  return {
    maxBytes: Math.min(maxBytes, asked),
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  };
}

/** Joins what arrives, and stops reading once there is more than `maxBytes`: a declared length may be missing or a lie. */
export async function readLimited(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  name: string,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes)
      throw new StoreError("ARTIFACT_TOO_LARGE", `${name} is larger than ${maxBytes} bytes`, {
        details: { name, maxBytes },
      });
    kept.push(chunk);
  }
  return concatBytes(kept);
}
