import { keccak256 } from "ethers";
import type { Logger } from "pino";

import type { UnsignedCall } from "../../sdk/access.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import { askNumber, type Endpoint } from "../chain/endpoint.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { Fact, Hex, SendKind } from "../facts.ts";
import type { FaultPoints } from "../fault-point.ts";
import type { BlockMark, SubjectFact } from "../journal/journal.ts";
import type { Fees } from "./fee-strategy.ts";
import type { TransactionSigner } from "./transaction-signer.ts";

export interface OutboxOptions {
  readonly endpoint: Endpoint;
  readonly signer: TransactionSigner;
  readonly chainId: number;
  /** Every fact goes through here, so that views follow; as `Journal.append`. */
  readonly record: (facts: readonly SubjectFact[], whileKnown?: BlockMark) => Promise<void>;
  readonly logger: Logger;
  readonly faultPoints: FaultPoints;
}

/** What is to be signed: one transaction, for one subject or for the jobs of a batch. */
export interface Draft {
  readonly subjects: readonly Hex[];
  readonly kind: SendKind;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly fees: Fees;
  readonly call: Pick<UnsignedCall, "to" | "data" | "value">;
}

/** Simulates, signs and hands bytes to the node, for a lane that says what and when. */
export function createOutbox({ endpoint, signer, chainId, record, logger, faultPoints }: OutboxOptions) {
  const { provider, retrying, agreed } = endpoint;
  /** When the newest bytes of a pending nonce were signed, or first seen by this process; milliseconds. */
  const signedAt = new Map<number, number>();

  const write = (subjects: readonly Hex[], fact: Fact): Promise<void> => record(subjects.map((job) => ({ job, fact })));

  return {
    /** The same fact for each subject, durable together. */
    write,

    /** Facts that are durable together. */
    writeEach: record,

    /** Gas that the call takes now. "pending": the state it would meet, whose block is the one after the newest. */
    simulate({ label, ...call }: UnsignedCall): Promise<bigint> {
      const request = {
        from: signer.address,
        to: call.to,
        data: call.data,
        value: `0x${call.value.toString(16)}`,
      };
      return retrying(label, () => askNumber(provider, "eth_estimateGas", [request, "pending"]));
    },

    minedCount: (): Promise<number> =>
      agreed("the nonce", (node) => node.getTransactionCount(signer.address, "latest")),

    async sign({ subjects, kind, nonce, gasLimit, fees, call }: Draft): Promise<Hex> {
      const price =
        fees.priority === null
          ? { type: 0, gasPrice: fees.max }
          : { type: 2, maxFeePerGas: fees.max, maxPriorityFeePerGas: fees.priority };
      const { to, data, value } = call;
      const raw = hexOf(await signer.signTransaction({ ...price, chainId, nonce, gasLimit, to, data, value }));
      const transactionHash = hexOf(keccak256(raw));
      const batch = subjects.length > 1 ? subjects : [];
      await write(subjects, { kind: "signed", send: kind, nonce, transactionHash, raw, maxFeePerGas: fees.max, batch });
      signedAt.set(nonce, Date.now());
      return raw;
    },

    /** What the node said is only logged: whether the bytes are out is for a look-up to find, from the chain itself. */
    async broadcast(raw: Hex, details: object): Promise<void> {
      faultPoints("before-broadcast");
      try {
        await provider.send("eth_sendRawTransaction", [raw]);
        logger.info(details, "sent");
      } catch (error) {
        const failure = fromRpc(error, "sending a transaction");
        logger.warn(
          { ...details, code: failure.code, error: failure.message },
          "the node did not confirm a transaction",
        );
      } finally {
        faultPoints("after-broadcast");
      }
    },

    /** Milliseconds since the newest bytes were signed. Those from before a restart count from when they were first seen. */
    ageOf(nonce: number): number {
      const known = signedAt.get(nonce) ?? Date.now();
      signedAt.set(nonce, known);
      return Date.now() - known;
    },

    /** Counts the age of a nonce's bytes from now. */
    startAge: (nonce: number) => void signedAt.set(nonce, Date.now()),

    forgetAges(pending: ReadonlySet<number>): void {
      for (const nonce of signedAt.keys()) if (!pending.has(nonce)) signedAt.delete(nonce);
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
