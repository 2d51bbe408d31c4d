import type { FastifyError } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";

import { AssayError } from "../../../circuits/format/error.ts";
import { statusOf } from "../gateway-error.ts";

/** What a refusal says, and its status. */
export interface Refusal {
  readonly status: number;
  readonly body: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly details?: Record<string, unknown>;
  };
}

/** Codes of other parts; all else that is ours to mend is told as 503, or 500 if trying again does not help. */
const STATUS_OF_PARTS: Readonly<Record<string, number>> = {
  TENSOR_LENGTH: 422,
  TENSOR_RANGE: 422,
  TENSOR_PADDING: 422,
  COMMITMENT_MISMATCH: 422,
  SALT_RANGE: 422,
  EXECUTION_FAILED: 422,
  REQUEST_INVALID: 400,
  CONTENT_ID: 400,
  INPUT_MISSING: 409,
  OUTPUT_MISSING: 404,
  ARTIFACT_PRIVATE: 404,
  INPUTS_FULL: 507,
};

/** What went wrong, in the words of HTTP. Nothing of this machine is told: paths, stores and nodes stay in the log. */
export function refusalOf(error: FastifyError | AssayError): Refusal {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.map(({ instancePath, message }) => `${instancePath || "(root)"}: ${message}`);
    const message = `the request is not valid:\n${problems.join("\n")}`;
    return { status: 400, body: { code: "REQUEST_INVALID", message, retryable: false, details: { problems } } };
  }
  if (error instanceof AssayError) return ofAssay(error);
  const status = error.statusCode ?? 500;
  if (status >= 500)
    return { status: 500, body: { code: "INTERNAL", message: "the gateway failed at this", retryable: false } };
  const code = status === 429 ? "RATE_LIMITED" : status === 413 ? "BODY_TOO_LARGE" : "REQUEST_INVALID";
  return { status, body: { code, message: error.message, retryable: status === 429 } };
}

function ofAssay({ code, message, retryable, details }: AssayError): Refusal {
  const status = statusOf(code) ?? STATUS_OF_PARTS[code] ?? (retryable ? 503 : 500);
  if (status >= 500 && statusOf(code) === undefined)
    return { status, body: { code, message: "the worker cannot do this now", retryable } };
  const told = Object.keys(details).length === 0 ? {} : { details: plain(details) };
  return { status, body: { code, message, retryable, ...told } };
}

/** As JSON takes it. */
function plain(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).map(([name, value]) => [name, typeof value === "bigint" ? value.toString() : value]),
  );
}
