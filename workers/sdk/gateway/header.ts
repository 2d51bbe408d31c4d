import { decodeBase64, encodeBase64, toUtf8Bytes, toUtf8String } from "ethers";

/** Headers of x402, version 2: what is asked for, what is paid with, and how it was settled. */
export const PAYMENT_REQUIRED = "payment-required";
export const PAYMENT_SIGNATURE = "payment-signature";
export const PAYMENT_RESPONSE = "payment-response";

/** JSON in a header, as base64 of its UTF-8. */
export function encodeHeader(value: object): string {
  return encodeBase64(toUtf8Bytes(JSON.stringify(value)));
}

/** What a header holds, undefined if that is no JSON in base64. */
export function decodeHeader(header: string): unknown {
  try {
    return JSON.parse(toUtf8String(decodeBase64(header)));
  } catch {
    return undefined;
  }
}
