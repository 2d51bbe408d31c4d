/**
 * The enclave: the key that signs Tee evidence and its enrolment.
 *
 * The key is made in memory when the worker starts and never leaves it, sealed or in clear: a restarted worker is another
 * enclave and enrols again. Evidence that the old one signed stays good until the old enrolment expires.
 * ```
 * fresh --quote--> [preparations, one by one, each with a quote of its own] --enroll sent--> pending --mined--> enrolled
 * enrolled --shortly before expiry, or put on notice--> pending (renewal) --> enrolled
 * enrolled --expired, invalidated, or the worker's keys ended--> fresh, with the same key
 * ```
 * Quotes bind the hash of a block that is a little old when they are made and must be mined before the chain forgets it. A
 * quote that never became a transaction, or not in time, costs nothing: the next attempt makes another.
 *
 * While it is not enrolled, `sign` throws `ENCLAVE_MISSING`: a signature that the chain does not accept yet must not be
 * recorded as evidence.
 */
import { computeAddress, getBytes, randomBytes, SigningKey } from "ethers";
import type { Logger } from "pino";

import { populateWrite, read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { askNumber, type Endpoint } from "../chain/endpoint.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { Hex } from "../facts.ts";
import type { SendView } from "../job/job-view.ts";
import { reduce } from "../job/reduce.ts";
import { type Journal, NO_JOB } from "../journal/journal.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import { WorkerError } from "../worker-error.ts";
import { blockToBind, findQuoteVerifier, makeEnrolment, type QuoteVerifier } from "./enrolment.ts";
import { afterLook, needsQuote, NOT_ENROLLED } from "./enrolment-state.ts";
import type { QuoteProvider } from "./quote-provider.ts";

export interface Enclave {
  readonly address: Hex;
  /** Whether the chain would take evidence, as far as is known. Chain time in seconds. */
  isEnrolled(now: number): boolean;
  /** 65 bytes, r, s and v, over a 32-byte digest. */
  sign(digest: string, now: number): Uint8Array;
  /** Does the next thing that the enrolment needs, if any. */
  tend(now: number): Promise<void>;
}

export interface EnclaveOptions {
  readonly quoteProvider: QuoteProvider;
  /** Instead of the one of the deployment that reads the provider's quotes. */
  readonly verifierId?: bigint | undefined;
  readonly client: Client;
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly lane: NonceLane;
  readonly workerKey: Hex;
  /** Blocks that must follow one before it is built on. */
  readonly confirmations: number;
  /** Seconds before expiry at which the enrolment is renewed; half its life, if that is less. */
  readonly renewBefore: number;
  /** Seconds between looks at the enrolment, and after a refusal until the next attempt, which doubles with each. */
  readonly retryAfter: number;
  readonly logger: Logger;
}

/** Seconds between attempts to enrol, at most. */
const LONGEST_PAUSE = 600;

export function createEnclave(options: EnclaveOptions): Enclave {
  const { quoteProvider, client, endpoint, journal, lane, workerKey, confirmations, logger } = options;
  const { renewBefore, retryAfter } = options;
  const { retrying } = endpoint;
  const key = new SigningKey(randomBytes(32));
  const address = hexOf(computeAddress(key.publicKey));
  let state = NOT_ENROLLED;
  let verifier: QuoteVerifier | undefined;
  let lookAt = 0;
  let attemptAt = 0;
  let attempts = 0;

  const sends = async (): Promise<readonly SendView[]> =>
    reduce(NO_JOB, await journal.factsOf(NO_JOB)).sends.filter(
      ({ kind }) => kind === "enroll" || kind === "prepare-quote",
    );
  const pending = async (): Promise<readonly SendView[]> =>
    (await sends()).filter(({ outcome }) => outcome === "pending");

  /** True while a transaction, of this process or of one before it, has no outcome. */
  const isUnderWay = async (now: number): Promise<boolean> => {
    const before = await pending();
    for (const send of before) await lane.lookUp(NO_JOB, send);
    if ((await pending()).length > 0) return true;
    if (before.length === 0) return false;
    lookAt = now;
    // What a preparation made possible follows at once.
    if ((await sends()).at(-1)?.outcome === "mined") [attemptAt, attempts] = [now, 0];
    return false;
  };

  const look = async (now: number): Promise<void> => {
    const [found, epoch] = await retrying("the enclave's enrolment", () =>
      Promise.all([
        read(client, { contract: "enclaveRegistry", functionName: "enclaveOf", args: [address] }),
        read(client, { contract: "enclaveRegistry", functionName: "epochOf", args: [workerKey] }),
      ]),
    );
    lookAt = now + retryAfter;
    const { quoteHash, measurement, simulated } = found;
    const [expiresAt, enrolledAt] = [Number(found.expiresAt), Number(found.enrolledAt)];
    const isOurs = hexOf(found.worker) === workerKey && found.epoch === epoch;
    const after = afterLook(state, isOurs ? { expiresAt, enrolledAt, quoteHash } : null);
    state = after.state;
    if (after.news === null) return;
    const level = after.news === "enrolled" ? "info" : "warn";
    logger[level]({ enclave: address, measurement, simulated, until: state.expiresAt }, `enclave ${after.news}`);
    if (after.news === "enrolled") attempts = 0;
  };

  const enroll = async (): Promise<void> => {
    verifier ??= await findQuoteVerifier(client, quoteProvider, { verifierId: options.verifierId, retrying });
    const head = Number(await retrying("the newest block", () => askNumber(endpoint.provider, "eth_blockNumber")));
    const blockNumber = blockToBind(head, confirmations);
    const request = { client, provider: quoteProvider, verifierId: verifier.id, key, worker: workerKey, blockNumber };
    const enrolment = await makeEnrolment({ ...request, retrying });
    const preparation = await quoteProvider.preparation?.(getBytes(enrolment.quote), verifier.address, client);
    if (preparation) return lane.send(NO_JOB, "prepare-quote", preparation);
    const call = populateWrite(client, { contract: "enclaveRegistry", functionName: "enroll", args: [enrolment] });
    return lane.send(NO_JOB, "enroll", call);
  };

  const isEnrolled = (now: number): boolean => state.expiresAt > now;

  return {
    address,
    isEnrolled,
    sign(digest, now) {
      if (!isEnrolled(now))
        throw new WorkerError("ENCLAVE_MISSING", `enclave ${address} is not enrolled`, { retryable: true });
      return getBytes(key.sign(digest).serialized);
    },
    async tend(now) {
      if (await isUnderWay(now)) return;
      if (now >= lookAt) await look(now);
      if (!needsQuote(state, now, renewBefore) || now < attemptAt) return;
      // Each one that is refused is a fact in the journal: a quote that the chain does not take must not fill it.
      attemptAt = now + Math.min(LONGEST_PAUSE, retryAfter * 2 ** attempts);
      attempts += 1;
      await enroll();
    },
  };
}
