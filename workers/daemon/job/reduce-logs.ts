import { keptOutputHash } from "../../sdk/round.ts";
import type { FactOf, Hex, LogFact, RoundKind } from "../facts.ts";
import type { ChainView, RoundView, SeatView } from "./job-view.ts";

export const UNKNOWN: ChainView = {
  state: "Unknown",
  workerId: 0,
  dueAt: 0,
  output: null,
  challenger: null,
  copies: null,
  panel: null,
  delivered: false,
  callbackOwed: false,
};

/** What the chain says of a job after one more of its logs. */
export function afterLog(chain: ChainView, fact: LogFact): ChainView {
  if ("round" in fact) return afterRound(chain, fact);
  switch (fact.kind) {
    case "requested":
      return { ...chain, state: "Requested", dueAt: fact.job.deadline, copies: newCopies(fact) };
    case "claimed":
      return { ...chain, state: "Claimed", workerId: fact.workerId, dueAt: fact.dueAt };
    case "executed":
      return { ...chain, state: "Executed", workerId: fact.workerId, output: fact.output, dueAt: fact.dueAt };
    case "challenged":
      return { ...chain, state: "Challenged", challenger: fact.challenger, dueAt: fact.dueAt };
    case "copies-agreed": {
      const closed = withRound(chain, "copies", (round) => ({ ...round, phase: "Closed" }));
      const output = revealedOutput(chain.copies, fact.outputHash);
      return { ...closed, state: "Executed", output, dueAt: fact.dueAt };
    }
    case "copies-disagreed": {
      const closed = withRound(chain, "copies", (round) => ({ ...round, phase: "Closed" }));
      return { ...closed, state: "Challenged", dueAt: fact.dueAt };
    }
    case "panel-called":
      return {
        ...chain,
        panel: { phase: "Committing", seats: fact.seats, dueAt: fact.dueAt, openedBy: null, taken: [] },
      };
    case "panel-judged":
      return afterVerdict(chain, fact);
    case "fulfilled":
      return { ...chain, workerId: fact.workerId, output: fact.output };
    case "settled":
      return { ...chain, state: "Settled", workerId: fact.workerId, dueAt: 0 };
    case "refunded":
      return { ...chain, state: "Refunded", workerId: fact.workerId, dueAt: 0, callbackOwed: false };
    case "callback-delivered":
      return { ...chain, delivered: true, callbackOwed: false };
    case "callback-failed":
      return { ...chain, callbackOwed: true };
  }
}

function newCopies({ job }: FactOf<"requested">): RoundView | null {
  return job.copies === 1
    ? null
    : { phase: "Committing", seats: job.copies, dueAt: job.deadline, openedBy: null, taken: [] };
}

function afterRound(
  chain: ChainView,
  fact: FactOf<"committed" | "reveals-opened" | "revealed" | "seat-lost" | "paid">,
): ChainView {
  const isCopies = fact.round === "copies";
  switch (fact.kind) {
    case "committed": {
      const seat: SeatView = { workerId: fact.workerId, state: "committed", outputHash: null, output: null };
      const seated = withRound(chain, fact.round, (round) => ({ ...round, taken: [...round.taken, seat] }));
      return isCopies ? { ...seated, state: "Copying" } : seated;
    }
    case "reveals-opened": {
      const { dueAt } = fact;
      const openedBy = fact.log.transactionHash;
      const opened = withRound(chain, fact.round, (round) => ({ ...round, phase: "Revealing", dueAt, openedBy }));
      return isCopies ? { ...opened, dueAt } : opened;
    }
    case "revealed": {
      const { outputHash, output } = fact;
      return withSeat(chain, fact, (seat) => ({ ...seat, state: "revealed", outputHash, output }));
    }
    case "seat-lost":
      return withSeat(chain, fact, (seat) => ({ ...seat, state: "lost" }));
    case "paid":
      return chain;
  }
}

/** A callback that an upheld answer owes is left to whoever retries it: no log tells of it. */
function afterVerdict(chain: ChainView, { upheld }: FactOf<"panel-judged">): ChainView {
  const closed = withRound(chain, "panel", (round) => ({ ...round, phase: "Closed" }));
  return upheld && !chain.delivered ? { ...closed, callbackOwed: true } : closed;
}

function withRound(chain: ChainView, kind: RoundKind, change: (round: RoundView) => RoundView): ChainView {
  const round = chain[kind];
  return round === null ? chain : { ...chain, [kind]: change(round) };
}

function withSeat(
  chain: ChainView,
  { round: kind, workerId }: FactOf<"revealed" | "seat-lost">,
  change: (seat: SeatView) => SeatView,
): ChainView {
  return withRound(chain, kind, (round) => ({
    ...round,
    taken: round.taken.map((seat) => (seat.workerId === workerId ? change(seat) : seat)),
  }));
}

function revealedOutput(round: RoundView | null, kept: Hex): Hex | null {
  return (
    round?.taken.find(({ outputHash }) => outputHash !== null && keptOutputHash(outputHash) === kept)?.output ?? null
  );
}
