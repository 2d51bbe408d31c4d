import type {} from "abitype";

/** How chain values look in TypeScript: every integer is a bigint; addresses and bytes are 0x-prefixed hex strings. */
declare module "abitype" {
  interface Register {
    addressType: string;
    bigIntType: bigint;
    intType: bigint;
    bytesType: { inputs: string; outputs: string };
  }
}
