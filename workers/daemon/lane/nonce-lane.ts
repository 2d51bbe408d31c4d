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
 */
import { keccak256, Transaction } from "ethers";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import type { UnsignedCall } from "../../sdk/access.ts";
import { ContractError } from "../../sdk/errors.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import { askNumber, type Endpoint } from "../chain/endpoint.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { Fact, Hex, SendKind } from "../facts.ts";
import { type FaultPoints, noFaultPoints } from "../fault-point.ts";
import type { SendView } from "../job/job-view.ts";
import type { Journal, SubjectFact } from "../journal/journal.ts";
import { bumped, type Fees, presentFees } from "./fees.ts";
import { LANE_KINDS, laneState, nextNonce } from "./lane-state.ts";
import type { TransactionSigner } from "./transaction-signer.ts";

export interface NonceLane {
  /** Ends in a `signed`, `refused` or `unfunded` fact. Throws when the node does not answer; then nothing was signed. */
  send(subject: Hex, kind: SendKind, call: UnsignedCall): Promise<void>;
  /** Finds out what became of a pending send; adds a fact if that is known now. */
  lookUp(subject: Hex, send: SendView): Promise<void>;
  /** Takes note of facts that were added, by whomever. */
  observe(facts: readonly SubjectFact[]): void;
}

export interface NonceLaneOptions {
  readonly endpoint: Endpoint;
  readonly journal: Journal;
  readonly signer: TransactionSigner;
  readonly chainId: number;
  /** Every fact goes through here, so that views follow. */
  readonly record: (facts: readonly SubjectFact[]) => void;
  /** Chain time, for facts. */
  readonly now: () => number;
  /** Milliseconds that bytes may wait before they get a sibling with a higher fee. */
  readonly replaceAfter: number;
  /** Wei per unit of gas that is never exceeded. */
  readonly maxFeePerGas: bigint;
  readonly logger: Logger;
  readonly faultPoints?: FaultPoints;
}

/** Percent beyond the estimate: draws, ramps and first writes may differ by the time it is mined. */
const GAS_MARGIN = 25n;
/** Look-ups in a row that must find a nonce used and no receipt: nodes learn of receipts a moment later. */
const LOST_AFTER = 5;

export function createNonceLane(options: NonceLaneOptions): NonceLane {
  const { endpoint, journal, signer, chainId, record, now, maxFeePerGas, logger } = options;
  const { provider, retrying } = endpoint;
  const faultPoints = options.faultPoints ?? noFaultPoints;
  /** When the newest bytes of a pending nonce were signed, or first seen by this process; milliseconds. */
  const signedAt = new Map<number, number>();
  const missing = new Map<number, number>();
  let state = laneState(journal.factsOfKinds(LANE_KINDS));
  let turn: Promise<unknown> = Promise.resolve();

  /** One at a time: a nonce is chosen, journaled and used before the next one is chosen. */
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    const result = turn.then(body);
    turn = result.catch(() => undefined);
    return result;
  };

  const write = (subject: Hex, ...facts: readonly Fact[]): void =>
    record(facts.map((fact) => ({ job: subject, fact })));

  const simulate = async ({ label, ...call }: UnsignedCall): Promise<bigint> => {
    const request = {
      from: signer.address,
      to: call.to,
      data: call.data,
      value: `0x${call.value.toString(16)}`,
    };
    // "pending": the state that the transaction would meet, whose block is the one after the newest.
    return retrying(label, () => askNumber(provider, "eth_estimateGas", [request, "pending"]));
  };

  const minedCount = (): Promise<number> =>
    retrying("the nonce", () => provider.getTransactionCount(signer.address, "latest"));

  const sign = async (
    subject: Hex,
    kind: SendKind,
    nonce: number,
    gasLimit: bigint,
    fees: Fees,
    call: Pick<UnsignedCall, "to" | "data" | "value">,
  ): Promise<Hex> => {
    const price =
      fees.priority === null
        ? { type: 0, gasPrice: fees.max }
        : { type: 2, maxFeePerGas: fees.max, maxPriorityFeePerGas: fees.priority };
    const { to, data, value } = call;
    const raw = hexOf(await signer.signTransaction({ ...price, chainId, nonce, gasLimit, to, data, value }));
    const transactionHash = hexOf(keccak256(raw));
    write(subject, { kind: "signed", send: kind, nonce, transactionHash, raw, maxFeePerGas: fees.max });
    signedAt.set(nonce, Date.now());
    return raw;
  };

  /** What the node said is only logged: whether the bytes are out is for `lookUp` to find, from the chain itself. */
  const broadcast = async (raw: Hex, details: object): Promise<string | undefined> => {
    faultPoints("before-broadcast");
    try {
      await provider.send("eth_sendRawTransaction", [raw]);
      logger.info(details, "sent");
      return undefined;
    } catch (error) {
      const failure = fromRpc(error, "sending a transaction");
      logger.warn({ ...details, code: failure.code, error: failure.message }, "the node did not confirm a transaction");
      return failure.message;
    } finally {
      faultPoints("after-broadcast");
    }
  };

  const send = async (subject: Hex, kind: SendKind, call: UnsignedCall): Promise<void> => {
    const fees = await presentFees(endpoint, maxFeePerGas);
    const balance = await retrying("the balance", () => provider.getBalance(signer.address, "latest"));
    const unfunded = (needed: bigint): void =>
      write(subject, {
        kind: "unfunded",
        send: kind,
        message: `${signer.address} holds ${balance} wei, ${kind} needs ${needed}`,
        at: now(),
      });
    let gas: bigint;
    try {
      if (balance <= call.value) {
        unfunded(call.value);
        return;
      }
      gas = await simulate(call);
    } catch (error) {
      const failure = error instanceof AssayError ? error : fromRpc(error, call.label);
      // A node that cannot answer says nothing about the call.
      if (failure.code === "RPC_UNREACHABLE") throw failure;
      const contract = failure instanceof ContractError;
      logger.info({ job: subject, send: kind, error: failure.code, detail: failure.message }, "refused in simulation");
      write(subject, {
        kind: "refused",
        send: kind,
        error: failure.code,
        detail: contract ? failure.message : `the node said: ${failure.message}`,
        at: now(),
      });
      return;
    }
    const gasLimit = gas + (gas * GAS_MARGIN) / 100n;
    const needed = call.value + gasLimit * fees.max;
    if (balance < needed) {
      unfunded(needed);
      return;
    }
    const nonce = nextNonce(state, await minedCount());
    const raw = await sign(subject, kind, nonce, gasLimit, fees, call);
    await broadcast(raw, { job: subject, send: kind, nonce });
  };

  const lookUp = async (subject: Hex, pending: SendView): Promise<void> => {
    const { nonce, bytes } = pending;
    for (const { transactionHash } of bytes) {
      const receipt = await retrying("a receipt", () => provider.getTransactionReceipt(transactionHash));
      if (receipt === null) continue;
      const read = journal.blocks(1)[0]?.number ?? -1;
      if (receipt.blockNumber > read) return;
      const { blockNumber, gasUsed } = receipt;
      const ok = receipt.status === 1;
      write(subject, {
        kind: "mined",
        nonce,
        transactionHash,
        ok,
        blockNumber,
        blockHash: hexOf(receipt.blockHash),
        gasUsed,
      });
      logger.info({ job: subject, send: pending.kind, nonce, ok, gasUsed: Number(gasUsed) }, "mined");
      return;
    }
    if ((await minedCount()) > nonce) {
      noteMissing(subject, nonce);
      return;
    }
    missing.delete(nonce);
    const newest = bytes.at(-1);
    if (newest === undefined) return;
    // An older sibling may wait while the node refused the newest: then the nonce is not free, whatever a simulation says.
    const found = await retrying("a transaction", () =>
      Promise.all(bytes.map(({ transactionHash }) => provider.getTransaction(transactionHash))),
    );
    if (found.every((one) => one === null)) return sendAgain(subject, pending, newest.raw);
    if (Date.now() - ageMark(nonce) > options.replaceAfter) await replace(subject, pending, newest.raw);
  };

  const noteMissing = (subject: Hex, nonce: number): void => {
    const times = (missing.get(nonce) ?? 0) + 1;
    missing.set(nonce, times);
    if (times < LOST_AFTER) return;
    missing.delete(nonce);
    logger.warn({ job: subject, nonce }, "a nonce was used by a transaction that is not ours");
    write(subject, { kind: "lost", nonce });
  };

  /** The node does not know the bytes: the same ones again, unless they would revert now and no later nonce waits for them. */
  const sendAgain = async (subject: Hex, pending: SendView, raw: Hex): Promise<void> => {
    const { nonce } = pending;
    const { to, data, value, hash } = Transaction.from(raw);
    if (Math.max(...state.pending) <= nonce && to !== null && hash !== null) {
      try {
        await simulate({ label: pending.kind, to, data, value });
      } catch (error) {
        const failure = error instanceof AssayError ? error : fromRpc(error, pending.kind);
        if (failure.code === "RPC_UNREACHABLE") throw failure;
        write(subject, { kind: "rejected", nonce, transactionHash: hexOf(hash), message: failure.message });
        return;
      }
    }
    await broadcast(raw, { job: subject, send: pending.kind, nonce, again: true });
  };

  const replace = async (subject: Hex, pending: SendView, raw: Hex): Promise<void> => {
    const before = Transaction.from(raw);
    const had = { max: before.maxFeePerGas ?? before.gasPrice ?? 0n, priority: before.maxPriorityFeePerGas };
    const fees = bumped(had, await presentFees(endpoint, maxFeePerGas), maxFeePerGas);
    signedAt.set(pending.nonce, Date.now());
    if (fees === null || before.to === null) {
      logger.warn(
        { job: subject, nonce: pending.nonce, fee: had.max.toString() },
        "a transaction waits at the highest fee allowed",
      );
      return;
    }
    const { to, data, value } = before;
    const sibling = await sign(subject, pending.kind, pending.nonce, before.gasLimit, fees, { to, data, value });
    await broadcast(sibling, { job: subject, send: pending.kind, nonce: pending.nonce, replaces: before.hash });
  };

  /** Bytes from before a restart count from when this process first saw them. */
  const ageMark = (nonce: number): number => {
    const known = signedAt.get(nonce) ?? Date.now();
    signedAt.set(nonce, known);
    return known;
  };

  return {
    send: (subject, kind, call) => inTurn(() => send(subject, kind, call)),
    lookUp: (subject, pending) => inTurn(() => lookUp(subject, pending)),
    observe(facts) {
      state = laneState(facts, state);
      for (const nonce of signedAt.keys()) if (!state.pending.has(nonce)) signedAt.delete(nonce);
    },
  };
}
