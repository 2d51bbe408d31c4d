import type { Log } from "ethers";

import { decodeMarketLogs, type MarketFact } from "../../sdk/facts.ts";
import type { Fact, Hex, LogKey } from "../facts.ts";
import type { SubjectFact } from "../journal/journal.ts";
import { hexOf, readJob } from "./job-struct.ts";

/** The facts that the market's logs tell of jobs; other events of the market are none of a worker's business. */
export function factsOfLogs(logs: readonly Log[]): SubjectFact[] {
  return decodeMarketLogs(logs).flatMap((event) => {
    const fact = factOf(event);
    return fact === undefined || !("jobId" in event) ? [] : [{ job: hexOf(event.jobId), fact }];
  });
}

function factOf(event: MarketFact): Fact | undefined {
  const log: LogKey = {
    blockNumber: event.blockNumber,
    blockHash: hexOf(event.blockHash),
    transactionHash: hexOf(event.transactionHash),
    logIndex: event.logIndex,
  };
  const hex = (text: string): Hex => hexOf(text);
  switch (event.kind) {
    case "JobRequested":
      return { kind: "requested", log, job: readJob(event.job), input: hex(event.input) };
    case "JobClaimed":
      return { kind: "claimed", log, workerId: Number(event.workerId), dueAt: Number(event.dueAt) };
    case "JobExecuted": {
      const { workerId, output, dueAt } = event;
      return { kind: "executed", log, workerId: Number(workerId), output: hex(output), dueAt: Number(dueAt) };
    }
    case "JobChallenged": {
      const { challenger, bond, dueAt } = event;
      return { kind: "challenged", log, challenger: hex(challenger), bond, dueAt: Number(dueAt) };
    }
    case "JobFulfilled":
      return { kind: "fulfilled", log, workerId: Number(event.workerId), output: hex(event.output) };
    case "JobSettled":
      return { kind: "settled", log, workerId: Number(event.workerId), fee: event.fee };
    case "JobRefunded": {
      const { workerId, refund, slashed } = event;
      return { kind: "refunded", log, workerId: Number(workerId), refund, slashed };
    }
    case "CallbackDelivered":
      return { kind: "callback-delivered", log };
    case "CallbackFailed":
      return { kind: "callback-failed", log, reason: hex(event.reason) };
    default:
      return undefined;
  }
}
