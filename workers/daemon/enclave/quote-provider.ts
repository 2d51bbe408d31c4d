import type { Hex } from "../facts.ts";

/** Who makes quotes: the hardware's statement that this code holds this key. */
export interface QuoteProvider {
  /** Number of the quote verifier in the enclave registry that understands these quotes. */
  readonly verifierId: bigint;
  /** True if no hardware is behind it: such quotes prove no isolation. */
  readonly simulated: boolean;
  readonly measurement: Hex;
  /** A quote over 64 bytes of report data. `issuedAt` is the chain's time in seconds; hardware has its own. */
  quote(reportData: Uint8Array, issuedAt: number): Promise<Uint8Array>;
}
