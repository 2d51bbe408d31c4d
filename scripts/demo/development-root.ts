import { hexlify, randomBytes } from "ethers";

import { simulatedRootPoint } from "../../workers/daemon/enclave/simulated-quote-provider.ts";

/** The P-256 key that signs simulated quotes: it stands where a hardware maker's root stands, and proves nothing. */
export interface DevelopmentRoot {
  readonly x: bigint;
  readonly y: bigint;
  /** 32 bytes, hexadecimal, as the worker's configuration takes it. */
  readonly privateKey: `0x${string}`;
}

/** Fresh for each run: nothing that one run trusts is worth anything in another. */
export function makeDevelopmentRoot(): DevelopmentRoot {
  const privateKey: `0x${string}` = `0x${hexlify(randomBytes(32)).slice(2)}`;
  return { ...simulatedRootPoint(privateKey), privateKey };
}
