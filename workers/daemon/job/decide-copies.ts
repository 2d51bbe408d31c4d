import type { Action } from "./action.ts";
import { commitAnswer, revealAnswer, tidyUp } from "./answering.ts";
import type { Context } from "./context.ts";
import { again, whyNot } from "./decide-requested.ts";
import type { JobView, RoundView } from "./job-view.ts";
import { heldSeats, seatOf } from "./obligation.ts";
import { decline, done } from "./reply.ts";

/** Several workers commit and reveal: take a seat if it is ours to take, and see the round through. */
export function decideCopies(view: JobView, context: Context, round: RoundView): Action {
  const seat = seatOf(round, context.worker.id);
  if (seat === undefined && round.phase === "Committing" && context.now <= round.dueAt) return takeSeat(view, context);
  if (seat?.state === "committed" && round.phase === "Revealing")
    return revealAnswer(view, context, "copies", "reveal");
  // Late rounds of others are ended only if the operator wants that.
  if (seat === undefined && !context.policy.expireLate)
    return decline(view, "taken-by-another", `${round.taken.length} of ${round.seats} seats are taken`, null);
  if (round.phase === "Committing") return awaitReveals(view, context, round);
  return tidyUp(view, context, timing(round, context), "tally", mostFrequent(round) ?? "0x");
}

function takeSeat(view: JobView, context: Context): Action {
  const { job } = view;
  if (job === null) return done("its request is on no block");
  if (!context.serving || context.offer === null)
    return decline(view, "not-serving", `${job.versionId} at ${job.level}`, again(context, job));
  return whyNot(view, context, job, context.offer) ?? commitAnswer(view, context, "copies", "commit");
}

/** If seats stay empty until the deadline, the reveals begin without them, or the job ends. */
function awaitReveals(view: JobView, context: Context, round: RoundView): Action {
  const begins = round.taken.length >= quorum(round);
  const { dueAt, order } = timing(round, context);
  return tidyUp(view, context, { dueAt, order, isOver: false }, begins ? "open-reveals" : "expire");
}

/** When a round's phase can be ended, and how many workers with stake in it go before this one. */
export function timing(
  round: RoundView,
  { worker }: Context,
): { readonly dueAt: number; readonly order: number; readonly isOver: boolean } {
  const held = heldSeats(round);
  const place = held.findIndex(({ workerId }) => workerId === worker.id);
  return {
    dueAt: round.dueAt,
    order: place === -1 ? held.length : place,
    isOver: round.phase === "Revealing" && round.taken.every(({ state }) => state === "revealed"),
  };
}

/** Equal answers that decide. */
export function quorum(round: RoundView): number {
  return Math.floor(round.seats / 2) + 1;
}

/** The answer that most seats revealed; null if none did. */
function mostFrequent({ taken }: RoundView): SeatOutput {
  const votes = (hash: SeatOutput): number => taken.filter(({ outputHash }) => outputHash === hash).length;
  const revealed = taken.filter(({ outputHash }) => outputHash !== null);
  return revealed.toSorted((one, other) => votes(other.outputHash) - votes(one.outputHash))[0]?.output ?? null;
}

type SeatOutput = RoundView["taken"][number]["output"];
