import type { JobView } from "./job-view.ts";

/** This worker is bound to the job, or was paid for it. */
export function isOurs({ chain }: JobView, workerId: number): boolean {
  return chain.workerId === workerId;
}

/** Our stake is in the job: giving it up would cost more than the fee. */
export function hasStakeIn(view: JobView, workerId: number): boolean {
  const { state } = view.chain;
  return isOurs(view, workerId) && (state === "Claimed" || state === "Executed" || state === "Challenged");
}

/** Evidence is owed, or will be when what is out is mined. Each such job needs its turn at the prover in time. */
export function owesEvidence(view: JobView, workerId: number): boolean {
  const { chain, job, sends } = view;
  if (job?.level === "Vanilla") return chain.state === "Challenged" && isOurs(view, workerId);
  const binding = sends.some(
    ({ kind, outcome }) => (kind === "claim" || kind === "execute") && (outcome === "pending" || outcome === "mined"),
  );
  return chain.state === "Requested" ? binding : hasStakeIn(view, workerId);
}
