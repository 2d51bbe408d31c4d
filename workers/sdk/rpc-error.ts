import { isError, isHexString } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { decodeRevert } from "./decode-revert.ts";
import { SdkError } from "./errors.ts";

const NETWORK_CODES: readonly unknown[] = [
  "NETWORK_ERROR",
  "SERVER_ERROR",
  "TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EPIPE",
];

/** Runs a call to the chain and turns whatever it throws into an `AssayError`; `context` says what was attempted. */
export async function onChain<T>(context: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fromRpc(error, context);
  }
}

/** A revert becomes a `ContractError`, a node that cannot be reached `RPC_UNREACHABLE` (retryable), and so on. */
export function fromRpc(error: unknown, context: string): AssayError {
  if (error instanceof AssayError) return error;
  const data = revertData(error);
  if (data !== undefined) return decodeRevert(data, context, error);
  if (isNetworkFailure(error))
    return new SdkError("RPC_UNREACHABLE", `${context}: the RPC endpoint did not answer (${messageOf(error)})`, {
      retryable: true,
      cause: error,
    });
  if (isError(error, "ACTION_REJECTED"))
    return new SdkError("SIGNATURE_REJECTED", `${context}: the signature was refused`, { cause: error });
  if (isError(error, "TRANSACTION_REPLACED"))
    return new SdkError("TRANSACTION_REPLACED", `${context}: another transaction took its nonce`, { cause: error });
  // Only what a call returned comes with its method; other bad data is the node's.
  if (isError(error, "BAD_DATA") && error.info !== undefined)
    return new SdkError("NOT_A_CONTRACT", `${context}: no such contract at this address; check the deployment`, {
      cause: error,
    });
  if (isError(error, "CALL_EXCEPTION")) return decodeRevert("0x", context, error);
  return new SdkError("RPC_ERROR", `${context}: ${messageOf(error)}`, { cause: error });
}

/** Nodes and ethers put the returned bytes at different depths: the first non-empty hex `data` is taken. */
function revertData(error: unknown): string | undefined {
  for (const layer of layers(error))
    if ("data" in layer && isHexString(layer.data) && layer.data.length >= 10) return layer.data;
  return undefined;
}

function isNetworkFailure(error: unknown): boolean {
  return layers(error).some(
    (layer) =>
      ("code" in layer && NETWORK_CODES.includes(layer.code)) ||
      ("message" in layer && layer.message === "fetch failed"),
  );
}

/** The error and everything nested in it, outermost first. */
function layers(error: unknown): object[] {
  const found: object[] = [];
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== "object" || value === null || depth > 5) return;
    found.push(value);
    for (const key of ["data", "error", "info", "cause"] as const)
      if (key in value) visit((value as { readonly [key: string]: unknown })[key], depth + 1);
  };
  visit(error, 0);
  return found;
}

function messageOf(error: unknown): string {
  if (isError(error, "UNKNOWN_ERROR")) return error.shortMessage;
  return error instanceof Error ? error.message : String(error);
}
