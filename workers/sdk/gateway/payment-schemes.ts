import { z } from "zod";

/** x402's scheme of an EIP-3009 transfer of exactly the amount that is asked for. */
export const EXACT_SCHEME = "exact";
/** Our scheme for x402: a voucher of a payment channel whose total is higher by the amount that is asked for. */
export const VOUCHER_SCHEME = "assay-channel";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "must be an address");
const hex32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "must be 32 bytes");
const signature = z.string().regex(/^0x[0-9a-fA-F]{130}$/, "must be 65 bytes");
/** Below 2^256, as decimal digits. */
const integer = z
  .string()
  .regex(/^(0|[1-9]\d{0,76})$/, "must be decimal digits")
  .transform(BigInt);

/** The payload of `VOUCHER_SCHEME`. */
export const voucherPayload = z.strictObject({
  channel: z.strictObject({ payer: address, payee: address, signer: address, salt: hex32 }),
  /** All that the channel has earned the payee, with this answer. */
  total: integer.refine((total) => total < 1n << 128n, "must be below 2^128"),
  signature,
});

/** The payload of `EXACT_SCHEME` by EIP-3009. */
export const exactPayload = z.object({
  signature,
  authorization: z.object({
    from: address,
    to: address,
    value: integer,
    validAfter: integer,
    validBefore: integer,
    nonce: hex32,
  }),
});

/** What `EXACT_SCHEME` needs to know of a token. */
export const exactExtra = z.object({ name: z.string(), version: z.string() });

/** CAIP-2 name of an EVM chain. */
export function networkOf(chainId: number): `eip155:${number}` {
  return `eip155:${chainId}`;
}
