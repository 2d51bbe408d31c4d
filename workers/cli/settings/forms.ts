import { z } from "zod";

/** Forms that several parts of a configuration have. */
export const hex32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "must be 0x and 64 hexadecimal digits")
  .transform((text): `0x${string}` => `0x${text.slice(2)}`);
/** Whole coins; the chain knows what they are in the currency's smallest unit. */
export const amount = z.string().regex(/^\d{1,24}(\.\d{1,24})?$/, "must be an amount in whole coins, such as 0.1");
export const level = z.enum(["Vanilla", "Tee", "Zkml"]);
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "must be 0x and 40 hexadecimal digits");
