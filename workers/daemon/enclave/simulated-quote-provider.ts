import { p256 } from "@noble/curves/nist.js";
import { concat, getBytes, toBeHex } from "ethers";

import type { Hex } from "../facts.ts";
import { WorkerError } from "../worker-error.ts";
import type { QuoteProvider } from "./quote-provider.ts";

const MAGIC = new TextEncoder().encode("ASIMQ001");
const REPORT_DATA_BYTES = 64;

export interface SimulatedQuoteOptions {
  /** Private key of the development root, P-256, 32 bytes. */
  readonly rootKey: Hex;
  /** What the simulated enclave claims to run. */
  readonly measurement: Hex;
  readonly verifierId?: bigint;
}

/**
 * SIMULATED quotes: a development root signs what hardware would. They prove nothing about isolation, and the chain
 * marks every enclave enrolled with them as simulated. 176 bytes: "ASIMQ001", measurement (32), report data (64),
 * issued at (8, big-endian seconds), then r and s (32 each, s low) over the SHA-256 of what is before them.
 */
export function simulatedQuoteProvider({
  rootKey,
  measurement,
  verifierId = 0n,
}: SimulatedQuoteOptions): QuoteProvider {
  const secret = getBytes(rootKey);
  if (!p256.utils.isValidSecretKey(secret))
    throw new WorkerError("CONFIG_INVALID", "the simulated root key is no private key of P-256");
  return {
    verifierId,
    simulated: true,
    measurement,
    quote(reportData, issuedAt) {
      if (reportData.length !== REPORT_DATA_BYTES)
        throw new WorkerError("CONFIG_INVALID", `report data is 64 bytes, not ${reportData.length}`);
      const body = getBytes(concat([MAGIC, measurement, reportData, toBeHex(issuedAt, 8)]));
      // noble hashes with SHA-256 first; the verifier wants s in the lower half.
      const signature = p256.sign(body, secret, { lowS: true, prehash: true, format: "compact" });
      return Promise.resolve(getBytes(concat([body, signature])));
    },
  };
}

/** Public key of a simulated root, as the deployment takes it. */
export function simulatedRootPoint(rootKey: Hex): { readonly x: bigint; readonly y: bigint } {
  const { x, y } = p256.Point.fromBytes(p256.getPublicKey(getBytes(rootKey))).toAffine();
  return { x, y };
}
