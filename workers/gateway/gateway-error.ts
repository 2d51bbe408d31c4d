import { AssayError } from "../../circuits/format/error.ts";

/** Codes with the HTTP status that tells of them; those without one are for whoever starts the gateway. */
export const STATUS_OF = {
  CONFIG_INVALID: 500,
  GATEWAY_PORT: 500,
  GATEWAY_STOPPING: 503,
  LEDGER_CORRUPT: 500,
  LEDGER_NEWER: 500,
  LEDGER_OTHER_GATEWAY: 500,
  REQUEST_INVALID: 400,
  NOT_OFFERED: 404,
  ANSWER_UNKNOWN: 404,
  KEY_UNKNOWN: 401,
  PAYMENT_MALFORMED: 400,
  PAYMENT_REQUIRED: 402,
  PAYMENT_NOT_ACCEPTED: 402,
  PAYMENT_USED: 402,
  PAYMENT_IN_USE: 409,
  CHANNEL_OF_ANOTHER: 402,
  CHANNEL_NOT_OPEN: 402,
  DEPOSIT_TOO_LOW: 402,
  VOUCHER_UNSIGNED: 402,
  VOUCHER_SPENT: 402,
  AUTHORIZATION_INVALID: 402,
  SETTLEMENT_FAILED: 402,
  INPUT_MISSING: 409,
  GATEWAY_BUSY: 503,
} as const satisfies Readonly<Record<string, number>>;
export type GatewayErrorCode = keyof typeof STATUS_OF;

export class GatewayError extends AssayError {
  declare readonly code: GatewayErrorCode;
  constructor(
    code: GatewayErrorCode,
    message: string,
    options: { retryable?: boolean; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}

/** The HTTP status for one of our codes; undefined for another code. */
export function statusOf(code: string): number | undefined {
  return Object.entries(STATUS_OF).find(([known]) => known === code)?.[1];
}
