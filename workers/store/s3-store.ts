import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";

import { AssayError } from "../../circuits/format/error.ts";
import { digestOfContentId } from "../../circuits/format/content-id.ts";
import type { ArtifactStore, GetOptions } from "../sdk/store/artifact-store.ts";
import { hashContent, verifyContent } from "./hash-content.ts";
import { boundsOf, readLimited, STORE_LIMITS, type StoreLimits } from "./read-limited.ts";
import { StoreError } from "./store-error.ts";

export interface S3Options extends StoreLimits {
  readonly bucket: string;
  /** Before each content id; empty, or ends in a slash. */
  readonly prefix?: string;
  /** Of the environment or the user's profile when left out; with an endpoint, the one that other services go by. */
  readonly region?: string;
  /** Of another service than Amazon's, which is then addressed by path. */
  readonly endpoint?: string;
  /** Found as all of Amazon's tools find them (environment, profile, role of the machine) when left out. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Signed for by services that have no regions. */
const USUAL_REGION = "us-east-1";

/** What does not pass by itself. */
const REFUSALS: ReadonlySet<string> = new Set([
  "AccessDenied",
  "CredentialsProviderError",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "NoSuchBucket",
  "PermanentRedirect",
  "SignatureDoesNotMatch",
]);

/**
 * Artifacts as objects of an S3-compatible bucket, each named by its content id. The service is told the digest of what it
 * gets, and what it gives is verified.
 *
 * @example
 * const store = await openStore("s3://models/assay?region=eu-central-1");
 */
export class S3Store implements ArtifactStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #limits: Required<StoreLimits>;

  constructor({ bucket, prefix = "", region, endpoint, credentials, ...limits }: S3Options) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#limits = { ...STORE_LIMITS, ...limits };
    this.#client = new S3Client({
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true, region: USUAL_REGION }),
      ...(region !== undefined && { region }),
      ...(credentials !== undefined && { credentials }),
      // SHA-256 is sent with each object; older services know no other checksums.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  /** Throws `CONTENT_ID`, `CONTENT_MISMATCH`, `ARTIFACT_MISSING`, `ARTIFACT_TOO_LARGE`, `ARTIFACT_UNAVAILABLE`, `STORE_REFUSED`. */
  async get(cid: string, options: GetOptions = {}): Promise<Uint8Array> {
    digestOfContentId(cid);
    const bytes = await this.#download(cid, options);
    verifyContent(cid, bytes);
    return bytes;
  }

  /** Throws `STORE_UNAVAILABLE`, `STORE_REFUSED`. */
  async put(bytes: Uint8Array): Promise<string> {
    const cid = hashContent(bytes);
    if ((await this.#sizeOf(cid)) === bytes.length) return cid;
    const checksum = Buffer.from(digestOfContentId(cid)).toString("base64");
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...this.#objectOf(cid),
          Body: bytes,
          ContentType: "application/octet-stream",
          CacheControl: "public, max-age=31536000, immutable",
          ChecksumSHA256: checksum,
        }),
      );
    } catch (cause) {
      throw this.#failure("STORE_UNAVAILABLE", `cannot keep ${cid}`, cause);
    }
    return cid;
  }

  async #download(cid: string, options: GetOptions): Promise<Uint8Array> {
    const { maxBytes, signal: abortSignal } = boundsOf(this.#limits, options);
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#objectOf(cid)), { abortSignal });
      if (Body === undefined) return new Uint8Array();
      return await readLimited(Body.transformToWebStream(), maxBytes, cid);
    } catch (cause) {
      if (cause instanceof AssayError) throw cause;
      if (!(cause instanceof NoSuchKey)) throw this.#failure("ARTIFACT_UNAVAILABLE", `cannot read ${cid}`, cause);
      throw new StoreError("ARTIFACT_MISSING", `${cid} is not in ${this.#name()}`, { cause, details: { cid } });
    }
  }

  /** An object of another length is a damaged one. Who may not list a bucket is not told what it lacks, so no answer says nothing. */
  async #sizeOf(cid: string): Promise<number | undefined> {
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#objectOf(cid)));
      return ContentLength;
    } catch {
      return undefined;
    }
  }

  #objectOf(cid: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + cid };
  }

  #name(): string {
    return `s3://${this.#bucket}/${this.#prefix}`;
  }

  #failure(code: "ARTIFACT_UNAVAILABLE" | "STORE_UNAVAILABLE", what: string, cause: unknown): StoreError {
    const isRefused = cause instanceof Error && REFUSALS.has(cause.name);
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return new StoreError(
      isRefused ? "STORE_REFUSED" : code,
      `${this.#name()} ${what}: ${reason}` + (isRefused ? "; see to its address, credentials and policy" : ""),
      { retryable: !isRefused, cause, details: { status: statusOf(cause) } },
    );
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
