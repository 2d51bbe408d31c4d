/**
 * Quotes by Linux's configfs-tsm, the kernel's one interface to what makes them in a confidential guest (since 6.7).
 *
 * An entry, which is a directory, holds one request: bytes for the report go into `inblob`, reading `outblob` makes the
 * report, `provider` names its form and `generation` counts the writes. Each quote has an entry of its own, so that a
 * count other than one write means that somebody else wrote into it, or that the kernel did not take ours: it reports
 * such failures nowhere else.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import {
  MAX_QUOTE_BYTES,
  QuoteError,
  type QuoteErrorCode,
  type QuoteProvider,
  requireQuote,
  requireReportData,
} from "./quote-provider.ts";
import { machineTsmFiles, type TsmFiles } from "./tsm-files.ts";
import { within } from "./within.ts";

export interface ConfigfsTsmOptions {
  /** Default `/sys/kernel/config/tsm/report`. */
  readonly path?: string | undefined;
  /** Milliseconds until a quote is given up. Default 60000; the kernel itself gives up after 30 seconds. */
  readonly timeout?: number;
  readonly files?: TsmFiles;
}

const DEFAULT_PATH = "/sys/kernel/config/tsm/report";
/** How often a quote is asked for while others interfere. */
const ATTEMPTS = 3;
const SHORT = 64;

/** Codes of the system that pass by themselves, and those that another attempt at once may avoid. */
const BUSY: readonly unknown[] = ["EBUSY", "EAGAIN", "EINTR", "ECONFLICT", "EEXIST"];
const AGAIN: readonly unknown[] = ["EINTR", "ECONFLICT", "EEXIST"];

/** Quotes of TDX guests. A guest of AMD SEV-SNP gives reports that no verifier on chain reads: `QUOTE_UNSUPPORTED`. */
export function configfsTsm(options: ConfigfsTsmOptions = {}): QuoteProvider {
  const { path = DEFAULT_PATH, timeout = 60_000, files = machineTsmFiles } = options;
  const from = `configfs-tsm at ${path}`;

  const makeQuote = async (reportData: Uint8Array): Promise<Uint8Array> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return requireQuote(await quoteOfEntry(files, path, reportData), from);
      } catch (error) {
        if (attempt < ATTEMPTS && AGAIN.includes(codeOf(error))) continue;
        throw error instanceof QuoteError ? error : quoteError(error, from);
      }
    }
  };

  return {
    name: "configfs-tsm",
    kind: "dcap",
    simulated: false,
    async quote(reportData) {
      requireReportData(reportData);
      return within(timeout, from, makeQuote(reportData));
    },
  };
}

async function quoteOfEntry(files: TsmFiles, path: string, reportData: Uint8Array): Promise<Uint8Array> {
  const entry = join(path, `assay-${randomBytes(8).toString("hex")}`);
  const text = async (name: string) =>
    Buffer.from(await files.read(join(entry, name), SHORT))
      .toString("utf8")
      .trim();
  await files.makeEntry(entry);
  try {
    requireTdx(await text("provider"));
    const before = BigInt(await text("generation"));
    await files.write(join(entry, "inblob"), reportData);
    const quote = await files.read(join(entry, "outblob"), MAX_QUOTE_BYTES + 1);
    const writes = BigInt(await text("generation")) - before;
    if (writes !== 1n) throw new Conflict(entry, writes);
    return quote;
  } finally {
    // An entry that is left behind costs a little memory of the kernel, and must not hide what went wrong.
    await files.removeEntry(entry).catch(() => undefined);
  }
}

function requireTdx(provider: string): void {
  if (provider === "tdx_guest") return;
  const reason =
    provider === "sev_guest"
      ? "this is a guest of AMD SEV-SNP; no verifier on chain reads its reports"
      : `no verifier on chain reads reports of ${JSON.stringify(provider)}`;
  throw new QuoteError("QUOTE_UNSUPPORTED", reason, { details: { provider } });
}

/** Somebody else wrote into the entry, or the kernel did not take what was written. */
class Conflict extends Error {
  readonly code = "ECONFLICT";
  constructor(entry: string, writes: bigint) {
    super(`${entry} counts ${writes} writes instead of 1`);
  }
}

function quoteError(error: unknown, from: string): QuoteError {
  const code = codeOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const details = { system: code };
  return new QuoteError(kindOf(code), `${from} makes no quote: ${reason}`, { cause: error, details });
}

/** ENXIO is a kernel that offers the interface with nothing behind it. */
function kindOf(code: unknown): QuoteErrorCode {
  if (BUSY.includes(code)) return "QUOTE_BUSY";
  if (code === "ETIMEDOUT") return "QUOTE_TIMEOUT";
  return code === "EIO" || code === "EINVAL" ? "QUOTE_REFUSED" : "QUOTE_UNAVAILABLE";
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
