/**
 * The enclave: the key that signs Tee evidence and its enrolment.
 *
 * The key is made in memory when the worker starts and never leaves it; a restarted worker is another enclave and
 * enrols again. Evidence that the old one signed stays good until the old enrolment expires.
 * ```
 * fresh --enroll sent--> pending --mined--> enrolled --shortly before expiry--> pending (renewal) --> enrolled
 * ```
 * While it is not enrolled, `sign` throws `ENCLAVE_MISSING`: a signature that the chain does not accept yet must not be
 * recorded as evidence.
 */
import { computeAddress, concat, getBytes, hexlify, randomBytes, SigningKey, ZeroHash } from "ethers";
import type { Logger } from "pino";

import { populateWrite, read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { Hex } from "../facts.ts";
import type { SendView } from "../job/job-view.ts";
import { reduce } from "../job/reduce.ts";
import { type Journal, NO_JOB } from "../journal/journal.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import { WorkerError } from "../worker-error.ts";
import type { QuoteProvider } from "./quote-provider.ts";

export interface Enclave {
  readonly address: Hex;
  isEnrolled(): boolean;
  /** 65 bytes, r, s and v, over a 32-byte digest. */
  sign(digest: string): Uint8Array;
  /** Does the next thing that the enrolment needs, if any. Chain time in seconds. */
  tend(now: number): Promise<void>;
}

export interface EnclaveOptions {
  readonly quoteProvider: QuoteProvider;
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly lane: NonceLane;
  readonly workerKey: Hex;
  /** Seconds before expiry at which the enrolment is renewed. */
  readonly renewBefore: number;
  /** Seconds after a refused enrolment until the next attempt; doubles with each. */
  readonly retryAfter: number;
  readonly logger: Logger;
}

/** Seconds between attempts to enrol, at most. */
const LONGEST_PAUSE = 600;

export function createEnclave(options: EnclaveOptions): Enclave {
  const { quoteProvider, client, endpoint, journal, lane, workerKey, renewBefore, retryAfter, logger } = options;
  const key = new SigningKey(randomBytes(32));
  const address = hexOf(computeAddress(key.publicKey));
  let expiresAt = 0;
  let enrolled = false;
  let attemptAt = 0;
  let attempts = 0;

  const pendingEnrolments = (): readonly SendView[] =>
    reduce(NO_JOB, journal.factsOf(NO_JOB)).sends.filter(
      ({ kind, outcome }) => kind === "enroll" && outcome === "pending",
    );

  const readEnrolment = async (): Promise<void> => {
    const found = await endpoint.retrying("the enclave's enrolment", () =>
      read(client, { contract: "enclaveRegistry", functionName: "enclaveOf", args: [address] }),
    );
    if (Number(found.expiresAt) > expiresAt)
      logger.info({ enclave: address, simulated: found.simulated, until: Number(found.expiresAt) }, "enclave enrolled");
    if (Number(found.expiresAt) > expiresAt) attempts = 0;
    expiresAt = Number(found.expiresAt);
  };

  const enroll = async (now: number): Promise<void> => {
    const binding = await endpoint.retrying("the report data", () =>
      read(client, { contract: "enclaveRegistry", functionName: "reportData", args: [address, workerKey] }),
    );
    const quote = await quoteProvider.quote(getBytes(concat([binding, ZeroHash])), now);
    const args = [quoteProvider.verifierId, address, workerKey, hexlify(quote)] as const;
    const call = populateWrite(client, { contract: "enclaveRegistry", functionName: "enroll", args });
    await lane.send(NO_JOB, "enroll", call);
  };

  return {
    address,
    isEnrolled: () => enrolled,
    sign(digest) {
      if (!enrolled)
        throw new WorkerError("ENCLAVE_MISSING", `enclave ${address} is not enrolled yet`, { retryable: true });
      return getBytes(key.sign(digest).serialized);
    },
    async tend(now) {
      for (const pending of pendingEnrolments()) await lane.lookUp(NO_JOB, pending);
      if (expiresAt <= now + renewBefore) await readEnrolment();
      enrolled = expiresAt > now;
      const waits = pendingEnrolments().length > 0;
      if (expiresAt > now + renewBefore || waits || now < attemptAt) return;
      // Each one that is refused is a fact in the journal: a measurement that nobody accepts must not fill it.
      attemptAt = now + Math.min(LONGEST_PAUSE, retryAfter * 2 ** attempts);
      attempts += 1;
      await enroll(now);
    },
  };
}
