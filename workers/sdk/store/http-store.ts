import { AssayError } from "../../../circuits/format/error.ts";
import { assertContent, digestOfContentId } from "../../../circuits/format/content-id.ts";
import { concatBytes } from "../../../circuits/format/tensor.ts";
import { SdkError } from "../errors.ts";
import type { ArtifactSource, GetOptions } from "./artifact-store.ts";
import { ipfsPathOf } from "./ipfs-address.ts";

export interface HttpStoreOptions {
  /** Larger answers are cut off with `ARTIFACT_TOO_LARGE`. 256 MiB when left out. */
  readonly maxBytes?: number;
  /** For the whole answer. 60 s when left out. */
  readonly timeoutMs?: number;
}

/**
 * Reads artifacts from any HTTP server that serves them below a base address: `serveStore`, or an IPFS gateway. The server
 * need not be trusted: bytes that do not hash to the content id are refused.
 *
 * @example
 * const manifest = await new HttpStore("http://127.0.0.1:8080/ipfs/").get(cid);
 */
export class HttpStore implements ArtifactSource {
  readonly #baseUrl: string;
  readonly #maxBytes: number;
  readonly #timeoutMs: number;

  constructor(baseUrl: string, { maxBytes = 256 * 2 ** 20, timeoutMs = 60_000 }: HttpStoreOptions = {}) {
    this.#baseUrl = baseUrl.endsWith("/") ? baseUrl : `${baseUrl}/`;
    this.#maxBytes = maxBytes;
    this.#timeoutMs = timeoutMs;
  }

  async get(cid: string, { maxBytes = Infinity, signal }: GetOptions = {}): Promise<Uint8Array> {
    digestOfContentId(cid);
    const url = `${this.#baseUrl}${cid}`;
    const bytes = await this.#download(url, Math.min(maxBytes, this.#maxBytes), signal);
    assertContent(cid, bytes);
    return bytes;
  }

  /** Whatever ends in `/ipfs/` is taken for an IPFS gateway, which reads directories as well. */
  below(uri: string): ArtifactSource | undefined {
    const path = ipfsPathOf(uri);
    if (path === undefined || !this.#baseUrl.endsWith("/ipfs/")) return undefined;
    return new HttpStore(this.#baseUrl + path, { maxBytes: this.#maxBytes, timeoutMs: this.#timeoutMs });
  }

  async #download(url: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(url, {
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw unavailable(url, `it answered ${response.status}`);
      }
      return await readLimited(response, url, maxBytes);
    } catch (cause) {
      if (cause instanceof AssayError) throw cause;
      throw unavailable(url, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }
}

// The declared length may be missing or a lie, so the bytes that arrive are counted.
async function readLimited(response: Response, url: string, maxBytes: number): Promise<Uint8Array> {
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return new Uint8Array();
  // Not every browser can iterate over a stream.
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(chunks);
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      throw new SdkError("ARTIFACT_TOO_LARGE", `${url} is larger than ${maxBytes} bytes`, {
        details: { url, maxBytes },
      });
    }
    chunks.push(value);
  }
}

function unavailable(url: string, reason: string, cause?: unknown): SdkError {
  return new SdkError("ARTIFACT_UNAVAILABLE", `${url} cannot be read: ${reason}`, {
    retryable: true,
    details: { url },
    cause,
  });
}
