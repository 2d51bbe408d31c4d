import type { DeclineReason, Hex, SendKind } from "../facts.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";
import type { Failure, JobView, SendView } from "./job-view.ts";
import { hasStakeIn } from "./obligation.ts";

const NO_OUTPUT: Hex = "0x";

export function wait(until: number, why: string): Action {
  return { kind: "wait", until, why };
}

export function done(why: string): Action {
  return { kind: "done", why };
}

/** Declines once for each reason: a reason that is already on record is only waited for. */
export function decline(view: JobView, reason: DeclineReason, detail: string, until: number | null): Action {
  const recorded = view.decline?.reason === reason && (view.decline.until === null) === (until === null);
  if (!recorded) return { kind: "decline", reason, detail, until };
  return until === null ? done(reason) : wait(until, reason);
}

/** Nothing new is begun with a version that ends its process; what has our stake in it is tried all the same. */
export function whyQuarantined(view: JobView, { now, version }: Context, end: number): Action | undefined {
  const quarantine = version?.quarantine;
  if (quarantine === undefined) return undefined;
  const { seconds, why } = quarantine;
  return decline(view, "version-quarantined", `${why}; for ${seconds} s`, Math.min(now + seconds, end));
}

/** Sends, unless it was sent, was refused too often or too recently, or cannot be paid for. */
export function sendOnce(view: JobView, context: Context, send: SendKind, output: Hex = NO_OUTPUT): Action {
  const { now, policy } = context;
  // A `resolve` that met one commitment more than was known began the reveals: it is still to be sent.
  const openedBy = view.chain.panel?.openedBy;
  const didOpen = (bytes: SendView["bytes"]): boolean =>
    bytes.some(({ transactionHash }) => transactionHash === openedBy);
  const sends = view.sends.filter(({ kind, bytes }) => kind === send && !didOpen(bytes));
  if (sends.some(({ outcome }) => outcome === "mined")) return wait(now, `${send} is mined, its log is awaited`);
  const reverted = sends.filter((one) => one.outcome === "reverted" && view.sends.indexOf(one) >= view.forgiven);
  if (reverted.length >= policy.attempts)
    return decline(view, "reverted-on-chain", `${send} reverted ${policy.attempts} times`, null);
  const refused = afterRefusals(view, context, send);
  if (refused !== undefined) return refused;
  if (view.unfundedAt !== null && now < view.unfundedAt + policy.recheckSeconds)
    return decline(
      view,
      "insufficient-balance",
      `the key cannot pay for ${send}`,
      view.unfundedAt + policy.recheckSeconds,
    );
  return afterFailures(view, context, "send", "refused-by-chain") ?? { kind: "send", send, output };
}

/** What earlier refusals demand: nothing, more time, or giving the job up, which stake in it forbids. */
function afterRefusals(view: JobView, context: Context, send: SendKind): Action | undefined {
  const refusals = view.refusals.filter((refusal) => refusal.send === send);
  const last = refusals.at(-1);
  if (last === undefined) return undefined;
  if (refusals.length >= context.policy.attempts && !hasStakeIn(view, context.worker))
    return decline(view, "refused-by-chain", `${send}: ${last.error} ${last.detail}`.trim(), null);
  const again = backOff(view, context, last.at, refusals.length);
  return context.now < again ? wait(again, `${send} was refused: ${last.error}`) : undefined;
}

/** What earlier failures of a step demand: nothing, more time, or giving the job up, which stake in it forbids. */
export function afterFailures(
  view: JobView,
  context: Context,
  step: Failure["step"],
  reason: DeclineReason,
): Action | undefined {
  const failures = view.failures.filter((failure) => failure.step === step);
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const patient = hasStakeIn(view, context.worker);
  if (!last.retryable || (failures.length >= context.policy.attempts && !patient))
    return decline(view, reason, `${last.code}: ${last.message}`, null);
  const again = backOff(view, context, last.at, failures.length);
  return context.now < again ? wait(again, `${step} failed: ${last.code}`) : undefined;
}

/** Seconds between attempts at most: while something is due, and when nothing presses. */
const LONGEST_PAUSE = { due: 30, idle: 3600 };

/** Doubles with each attempt, from a quarter of the recheck time: a first failure is often a passing one. */
function backOff(view: JobView, { now, policy }: Context, at: number, attempts: number): number {
  const longest = now <= view.chain.dueAt ? LONGEST_PAUSE.due : LONGEST_PAUSE.idle;
  return at + Math.min(longest, Math.ceil((policy.recheckSeconds / 4) * 2 ** (attempts - 1)));
}
