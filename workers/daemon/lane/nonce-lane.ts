/**
 * The nonce lane: the only place that signs and sends, one transaction at a time for the worker's key.
 *
 * A send goes through
 * ```
 * simulate --reverts--> refused            --cannot pay--> unfunded
 *   '-> sign -> signed (journal) -> broadcast -> [pending] -> mined (ok | reverted)
 *                                                  |-> rejected: the node does not want it and nothing depends on it
 *                                                  '-> lost: the nonce was used by other bytes
 * ```
 * "Not mined" is not "failed". A pending send is looked up by its hashes and its nonce; bytes that a node does not
 * know are broadcast again as they are; bytes that wait too long get a sibling with the same nonce and a higher fee, of
 * which at most one can ever be mined. It counts as mined once the follower has read its block, so that its log is in the
 * view by then and a reorganisation takes both back together.
 *
 * Sends of one kind that wait for the lane together may go as one **batch**: one transaction, one nonce, a fact for each
 * of its jobs. Every item is simulated for itself, because a batch hides what its items lack, gas included: what would
 * be refused alone is not in it, and its gas is what all would take alone. Items that fail in it are told by its logs.
 */
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import type { UnsignedCall } from "../../sdk/access.ts";
import { ContractError } from "../../sdk/errors.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import type { Endpoint } from "../chain/endpoint.ts";
import type { Hex, SendKind } from "../facts.ts";
import { type FaultPoints, noFaultPoints } from "../fault-point.ts";
import type { SendView } from "../job/job-view.ts";
import type { BlockMark, Journal, SubjectFact } from "../journal/journal.ts";
import { WorkerError } from "../worker-error.ts";
import type { BatchItem } from "./batch.ts";
import { feesFor, feesWithin, lower, urgencyOf } from "./fee-strategy.ts";
import { readGasMarket } from "./fees.ts";
import { LANE_KINDS, laneState, nextNonce } from "./lane-state.ts";
import { createLookUp } from "./look-up.ts";
import { createOutbox } from "./outbox.ts";
import { earliest, NO_TERMS, type SendTerms } from "./send-terms.ts";
import type { TransactionSigner } from "./transaction-signer.ts";

export interface NonceLane {
  /**
   * Ends in a `signed`, `refused` or `unfunded` fact. Throws when the node does not answer; then nothing was signed.
   * @param item How it may go together with others.
   * @param terms When it is due and what it may cost; without them nothing presses and only the price of gas has a cap.
   */
  send(subject: Hex, kind: SendKind, call: UnsignedCall, item?: BatchItem, terms?: SendTerms): Promise<void>;
  /** Finds out what became of a pending send; adds a fact if that is known now. */
  lookUp(subject: Hex, send: SendView, terms?: SendTerms): Promise<void>;
  /** Takes note of facts that were added, by whomever. */
  observe(facts: readonly SubjectFact[]): void;
}

export interface NonceLaneOptions {
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly signer: TransactionSigner;
  readonly chainId: number;
  /** Every fact goes through here, so that views follow; as `Journal.append`. */
  readonly record: (facts: readonly SubjectFact[], whileKnown?: BlockMark) => Promise<void>;
  /** Chain time, for facts. */
  readonly now: () => number;
  /** The call that does several items at once. */
  readonly batchCall: (kind: BatchItem["kind"], items: readonly BatchItem[]) => UnsignedCall;
  /** Milliseconds that bytes may wait before they get a sibling with a higher fee. */
  readonly replaceAfter: number;
  /** Wei per unit of gas that is never exceeded. */
  readonly maxFeePerGas: bigint;
  /** Of that, what a block's builder gets at most. */
  readonly maxTipPerGas: bigint;
  readonly logger: Logger;
  readonly faultPoints?: FaultPoints;
}

interface Waiting {
  readonly subject: Hex;
  readonly kind: SendKind;
  readonly call: UnsignedCall;
  readonly item: BatchItem | undefined;
  readonly terms: SendTerms;
  readonly ended: PromiseWithResolvers<undefined>;
}

interface Estimated {
  readonly entry: Waiting;
  readonly gas: bigint;
}

/** Percent beyond the estimate: draws, ramps and first writes may differ by the time it is mined. */
const GAS_MARGIN = 25n;
/** Gas of a batch, so that it fits well into a block: what is beyond waits for the next one. */
const MOST_BATCH_GAS = 8_000_000n;
/** Milliseconds that a send waits for others: jobs that were looked at together are ready within this. */
const GATHERING = 25;

export async function createNonceLane(options: NonceLaneOptions): Promise<NonceLane> {
  const { endpoint, journal, signer, now, logger } = options;
  const { provider, retrying } = endpoint;
  const outbox = createOutbox({ ...options, faultPoints: options.faultPoints ?? noFaultPoints });
  let state = laneState(await journal.factsOfKinds(LANE_KINDS));
  const lookUp = createLookUp({ ...options, outbox, state: () => state });
  let turn: Promise<unknown> = Promise.resolve();
  let waiting: Waiting[] = [];

  /** One at a time: a nonce is chosen, journaled and used before the next one is chosen. */
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    const result = turn.then(body);
    turn = result.catch(() => undefined);
    return result;
  };

  const refuse = async ({ subject, kind }: Waiting, failure: AssayError): Promise<void> => {
    logger.info({ job: subject, send: kind, error: failure.code, detail: failure.message }, "refused in simulation");
    const isOurs = failure instanceof ContractError || failure instanceof WorkerError;
    const detail = isOurs ? failure.message : `the node said: ${failure.message}`;
    await outbox.write([subject], { kind: "refused", send: kind, error: failure.code, detail, at: now() });
  };

  /** Null if it would revert or cannot be paid for, which is on record then. */
  const estimate = async (entry: Waiting, balance: bigint): Promise<Estimated | null> => {
    const { call } = entry;
    try {
      if (balance > call.value) return { entry, gas: await outbox.simulate(call) };
      await tellUnfunded(entry, balance, call.value);
    } catch (error) {
      const failure = error instanceof AssayError ? error : fromRpc(error, call.label);
      // A node that cannot answer says nothing about the call.
      if (failure.code === "RPC_UNREACHABLE") throw failure;
      await refuse(entry, failure);
    }
    return null;
  };

  const tellUnfunded = async ({ subject, kind }: Waiting, balance: bigint, needed: bigint): Promise<void> => {
    const message = `${signer.address} holds ${balance} wei, ${kind} needs ${needed}`;
    await outbox.write([subject], { kind: "unfunded", send: kind, message, at: now() });
  };

  const tellTooDear = async (entry: Waiting, gasLimit: bigint, price: bigint): Promise<void> => {
    const { terms, kind } = entry;
    const message = `gas of ${kind} may cost ${terms.most ?? 0n} wei: ${gasLimit} units at ${price} are more`;
    await refuse(entry, new WorkerError("GAS_TOO_DEAR", message, { retryable: true }));
  };

  const withMargin = (estimates: readonly Estimated[]): bigint => {
    const gas = estimates.reduce((sum, one) => sum + one.gas, 0n);
    return gas + (gas * GAS_MARGIN) / 100n;
  };

  /** Signs and sends one transaction for as many of the entries as it can; the others wait on or are told why not. */
  const sendTogether = async (entries: readonly Waiting[]): Promise<void> => {
    const market = await readGasMarket(endpoint);
    const urgency = urgencyOf({ dueAt: earliest(entries.map(({ terms }) => terms)) }, now());
    let fees = feesFor(market, urgency, options);
    const balance = await retrying("the balance", () => provider.getBalance(signer.address, "latest"));
    const estimates = await Promise.all(entries.map((entry) => estimate(entry, balance)));
    const chosen: Estimated[] = [];
    for (const estimated of estimates) {
      if (estimated === null) continue;
      const { entry } = estimated;
      const alone = withMargin([estimated]);
      const bearable = feesWithin(market, urgency, options, { most: entry.terms.most, gasLimit: alone });
      if (bearable === null) {
        await tellTooDear(entry, alone, fees.max);
        continue;
      }
      const gasLimit = withMargin([...chosen, estimated]);
      const needed = entry.call.value + gasLimit * fees.max;
      if (balance < needed) await tellUnfunded(entry, balance, needed);
      else if (chosen.length > 0 && gasLimit > MOST_BATCH_GAS) wait(entry);
      else {
        chosen.push(estimated);
        fees = lower(fees, bearable);
      }
    }
    const first = chosen[0]?.entry;
    if (first === undefined) return;
    const nonce = nextNonce(state, await outbox.minedCount());
    const { kind, item } = first;
    const items = chosen.flatMap(({ entry }) => entry.item ?? []);
    const call = chosen.length === 1 || item === undefined ? first.call : options.batchCall(item.kind, items);
    const subjects = chosen.map(({ entry }) => entry.subject);
    const raw = await outbox.sign({ subjects, kind, nonce, gasLimit: withMargin(chosen), fees, call });
    await outbox.broadcast(raw, { jobs: subjects, send: kind, nonce });
  };

  /** Sends what waits and may go with an entry, unless it went with an earlier one. */
  const flush = async (entry: Waiting): Promise<void> => {
    if (!waiting.includes(entry)) return;
    if (entry.item !== undefined) await new Promise((resolve) => setTimeout(resolve, GATHERING));
    const isWith = (other: Waiting): boolean =>
      other === entry || (entry.item !== undefined && other.item?.kind === entry.item.kind);
    const together = waiting.filter(isWith);
    waiting = waiting.filter((other) => !isWith(other));
    try {
      await sendTogether(together);
    } catch (error) {
      for (const { ended } of together) ended.reject(error);
    }
    // Those that did not fit wait on.
    for (const other of together) if (!waiting.includes(other)) other.ended.resolve(undefined);
  };

  const wait = (entry: Waiting): void => {
    waiting.push(entry);
    void inTurn(() => flush(entry));
  };

  return {
    send(subject, kind, call, item, terms = NO_TERMS) {
      const ended = Promise.withResolvers<undefined>();
      wait({ subject, kind, call, item, terms, ended });
      return ended.promise;
    },
    lookUp: (subject, pending, terms = NO_TERMS) => inTurn(() => lookUp(subject, pending, terms)),
    observe(facts) {
      state = laneState(facts, state);
      outbox.forgetAges(state.pending);
    },
  };
}
