import type { Log } from "ethers";

import { decodeMarketLogs, type MarketFact } from "../../sdk/facts.ts";
import type { Fact, Hex, LogKey, RoundKind } from "../facts.ts";
import type { Journal, SubjectFact } from "../journal/journal.ts";
import { hexOf, readJob } from "./job-struct.ts";

/**
 * Which job a panel judges, by the id of its round: a hash that says nothing of itself, so it is learnt from
 * `PanelCalled`. A round that is not among them is that of a job's copies and has the job's id.
 */
export type PanelJobs = Map<Hex, Hex>;

/** Those that a journal knows. */
export async function knownPanels(journal: Journal): Promise<PanelJobs> {
  const panels: PanelJobs = new Map();
  for (const { job, fact } of await journal.factsOfKinds(["panel-called"]))
    if (fact.kind === "panel-called") panels.set(fact.panelId, job);
  return panels;
}

/** The facts that the market's logs tell of jobs; other events of the market are none of a worker's business. */
export function factsOfLogs(logs: readonly Log[], panels: PanelJobs): SubjectFact[] {
  return decodeMarketLogs(logs).flatMap((event) => {
    if (event.kind === "PanelCalled") panels.set(hexOf(event.roundId), hexOf(event.jobId));
    if ("roundId" in event && !("jobId" in event)) {
      const roundId = hexOf(event.roundId);
      const judged = panels.get(roundId);
      const fact = roundFactOf(event, judged === undefined ? "copies" : "panel");
      return [{ job: judged ?? roundId, fact }];
    }
    const fact = factOf(event);
    return fact === undefined || !("jobId" in event) ? [] : [{ job: hexOf(event.jobId), fact }];
  });
}

type RoundEventKind = "Committed" | "RevealsOpened" | "Revealed" | "SeatLost" | "WorkerPaid";
type RoundEvent = Extract<MarketFact, { kind: RoundEventKind }>;

function roundFactOf(event: RoundEvent, round: RoundKind): Fact {
  const log = logKeyOf(event);
  switch (event.kind) {
    case "Committed":
      return { kind: "committed", log, round, workerId: Number(event.workerId), seat: Number(event.seat) };
    case "RevealsOpened":
      return { kind: "reveals-opened", log, round, dueAt: Number(event.dueAt) };
    case "Revealed": {
      const { workerId, outputHash, output } = event;
      return {
        kind: "revealed",
        log,
        round,
        workerId: Number(workerId),
        outputHash: hexOf(outputHash),
        output: hexOf(output),
      };
    }
    case "SeatLost":
      return { kind: "seat-lost", log, round, workerId: Number(event.workerId) };
    case "WorkerPaid":
      return { kind: "paid", log, round, workerId: Number(event.workerId), amount: event.amount };
  }
}

function factOf(event: MarketFact): Fact | undefined {
  const log = logKeyOf(event);
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
    case "CopiesAgreed":
      return { kind: "copies-agreed", log, outputHash: hex(event.outputHash), dueAt: Number(event.dueAt) };
    case "CopiesDisagreed":
      return { kind: "copies-disagreed", log, dueAt: Number(event.dueAt) };
    case "PanelCalled": {
      const { roundId, seats, dueAt } = event;
      return { kind: "panel-called", log, panelId: hex(roundId), seats: Number(seats), dueAt: Number(dueAt) };
    }
    case "PanelJudged":
      return { kind: "panel-judged", log, decided: event.decided, upheld: event.upheld };
    case "CallbackDelivered":
      return { kind: "callback-delivered", log };
    case "CallbackFailed":
      return { kind: "callback-failed", log, reason: hex(event.reason) };
    default:
      return undefined;
  }
}

function logKeyOf(event: MarketFact): LogKey {
  return {
    blockNumber: event.blockNumber,
    blockHash: hexOf(event.blockHash),
    transactionHash: hexOf(event.transactionHash),
    logIndex: event.logIndex,
  };
}
