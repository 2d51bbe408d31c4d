import type { JobView, RoundView, SeatView } from "./job-view.ts";
import type { Context } from "./context.ts";

type Worker = Context["worker"];

/** This worker's place in a round. */
export function seatOf(round: RoundView | null, workerId: number): SeatView | undefined {
  return round?.taken.find((seat) => seat.workerId === workerId);
}

/** Seats whose stake is still held, in their order. */
export function heldSeats(round: RoundView | null): readonly SeatView[] {
  return round?.taken.filter(({ state }) => state !== "lost") ?? [];
}

function holdsSeat(round: RoundView | null, workerId: number): boolean {
  const seat = seatOf(round, workerId);
  return seat !== undefined && seat.state !== "lost";
}

/** This worker is bound to the job, or was paid for it; of several copies, one is its own and was not lost. */
export function isOurs({ chain }: JobView, workerId: number): boolean {
  return chain.copies === null ? chain.workerId === workerId : holdsSeat(chain.copies, workerId);
}

/** This worker demanded the evidence. */
export function isChallenger({ chain }: JobView, { key }: Worker): boolean {
  return chain.challenger?.toLowerCase() === key.toLowerCase();
}

/** Our stake or bond is in the job: giving it up would cost more than the fee. */
export function hasStakeIn(view: JobView, worker: Worker): boolean {
  const { state, panel } = view.chain;
  const answers = state === "Claimed" || state === "Copying" || state === "Executed" || state === "Challenged";
  if (answers && isOurs(view, worker.id)) return true;
  return state === "Challenged" && (isChallenger(view, worker) || holdsSeat(panel, worker.id));
}

/** What stops in the middle of something that cannot wait for long: bytes are out, evidence is owed, or a commitment has to be revealed. */
export function isUnfinished(view: JobView, workerId: number): boolean {
  const { copies, panel } = view.chain;
  const sits = [copies, panel].some((round) => seatOf(round, workerId)?.state === "committed");
  return sits || owesEvidence(view, workerId) || view.sends.some(({ outcome }) => outcome === "pending");
}

/** Evidence is owed, or will be when what is out is mined. Each such job needs its turn at the prover in time. */
export function owesEvidence(view: JobView, workerId: number): boolean {
  const { chain, job, sends } = view;
  if (job?.level === "Vanilla") return chain.state === "Challenged" && chain.panel === null && isOurs(view, workerId);
  const binding = sends.some(
    ({ kind, outcome }) => (kind === "claim" || kind === "execute") && (outcome === "pending" || outcome === "mined"),
  );
  if (chain.state === "Requested") return binding;
  const bound = chain.state === "Claimed" || chain.state === "Executed" || chain.state === "Challenged";
  return bound && isOurs(view, workerId);
}
