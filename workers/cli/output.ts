import { AssayError } from "../../circuits/format/error.ts";

/** How a command speaks: JSON mode puts one object on standard output; all else goes to standard error. */
export interface Output {
  /** The result: `text` for people, `json` for programs. */
  result(json: object, text: string): void;
  /** A line about what is going on; silent in JSON mode. */
  progress(message: string): void;
}

export interface Diagnostic {
  readonly code: string;
  readonly node: string | null;
  readonly op: string | null;
  readonly message: string;
}

export function createOutput(json: boolean): Output {
  return {
    result(value, text) {
      process.stdout.write(json ? `${toJson(value)}\n` : `${text}\n`);
    },
    progress(message) {
      if (!json) process.stderr.write(`${message}\n`);
    },
  };
}

/** Reports a failure in the mode's form and sets the exit code. */
export function reportFailure(error: unknown, json: boolean): void {
  const diagnostics = diagnosticsOf(error);
  if (json) process.stdout.write(`${toJson({ ok: false, retryable: isRetryable(error), diagnostics })}\n`);
  else for (const { code, message } of diagnostics) process.stderr.write(`${code}: ${message}\n`);
  if (!(error instanceof AssayError) && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  process.exitCode = 1;
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof AssayError) {
    if ("diagnostics" in error && Array.isArray(error.diagnostics) && error.diagnostics.length > 0)
      return error.diagnostics.filter(isDiagnostic).map(({ code, node, op, message }) => ({
        code,
        node: node === "" ? null : node,
        op: op === "" ? null : op,
        message,
      }));
    return [{ code: error.code, node: null, op: null, message: error.message }];
  }
  return [{ code: "INTERNAL", node: null, op: null, message: error instanceof Error ? error.message : String(error) }];
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}

/** A command line that does not parse. Commander has told people already. */
export function reportUsage(code: string, message: string, json: boolean): void {
  if (json)
    process.stdout.write(
      `${toJson({ ok: false, retryable: false, diagnostics: [{ code, node: null, op: null, message }] })}\n`,
    );
}

function isRetryable(error: unknown): boolean {
  return error instanceof AssayError && error.retryable;
}

/** Integers beyond 2^53 travel as decimal strings, bytes as hexadecimal. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    if (item instanceof Uint8Array) return `0x${Buffer.from(item).toString("hex")}`;
    return item;
  });
}
