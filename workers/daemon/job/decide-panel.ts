import type { Action } from "./action.ts";
import { commitAnswer, revealAnswer, tidyUp } from "./answering.ts";
import type { Context, PanelOffer } from "./context.ts";
import { quorum, timing } from "./decide-copies.ts";
import { joinsRounds } from "./decide-requested.ts";
import type { JobView, RoundView } from "./job-view.ts";
import { hasStakeIn, seatOf } from "./obligation.ts";
import { decline, wait, whyQuarantined } from "./reply.ts";
import { whyNotWorth } from "./worth.ts";

/**
 * A challenged answer for which there is no evidence: the workers that are drawn run the version again and vote. Whoever
 * has stake or a bond in the job sees the panel through.
 */
export function decidePanel(view: JobView, context: Context, panel: RoundView): Action {
  const { now, policy } = context;
  const seat = seatOf(panel, context.worker.id);
  if (panel.phase === "Closed") return wait(now, "the verdict is given, its log is awaited");
  if (panel.phase === "Revealing" && seat?.state === "committed" && now <= panel.dueAt)
    return revealAnswer(view, context, "panel", "reveal-verdict");
  if (!hasStakeIn(view, context.worker)) {
    if (panel.phase === "Committing" && now <= panel.dueAt) return takeSeat(view, context, panel);
    if (!policy.expireLate) return decline(view, "taken-by-another", "a panel judges", null);
  }
  const begins = panel.phase === "Committing" && panel.taken.length >= quorum(panel);
  return tidyUp(view, context, timing(panel, context), begins ? "open-verdicts" : "resolve");
}

function takeSeat(view: JobView, context: Context, panel: RoundView): Action {
  const { panel: offer } = context;
  if (!context.serving || offer === null) return decline(view, "not-serving", "a panel judges", null);
  if (!joinsRounds(context)) return decline(view, "rounds-not-wanted", "a panel judges", null);
  return (
    whyNotDrawn(context, view, panel, offer) ??
    whyNotNow(view, context, panel, offer) ??
    commitAnswer(view, context, "panel", "commit-verdict")
  );
}

/** In the second half of the time more workers are drawn than in the first. */
function whyNotDrawn(context: Context, view: JobView, panel: RoundView, offer: PanelOffer): Action | undefined {
  if (offer.drawn === true) return undefined;
  if (offer.drawn === null) return decline(view, "not-drawn-yet", "the draw is open in the next block", context.now);
  const late = panel.dueAt - Math.floor(context.evidenceWindow / 2) + 1;
  if (context.now < late) return decline(view, "not-drawn-yet", "others are drawn for the panel", late);
  return decline(view, "not-drawn", "others are drawn for the panel", null);
}

function whyNotNow(view: JobView, context: Context, panel: RoundView, offer: PanelOffer): Action | undefined {
  const { now, policy } = context;
  const later = Math.min(now + policy.recheckSeconds, panel.dueAt);
  const quarantined = view.answer === null ? whyQuarantined(view, context, panel.dueAt) : undefined;
  if (quarantined !== undefined) return quarantined;
  const expected = Math.ceil((view.answer === null ? context.pace.answer : 0) + policy.safetySeconds);
  if (now + expected >= panel.dueAt)
    return decline(view, "deadline-too-close", `${panel.dueAt - now} s left, ${expected} s needed`, null);
  const unpaid = whyNotWorth(view, context, "commit-verdict", later);
  if (unpaid !== undefined) return unpaid;
  if (offer.draining) return decline(view, "draining", "this worker takes no new jobs", later);
  if (offer.freeStake < offer.jobStake)
    return decline(view, "stake-too-low", `${offer.freeStake} free, ${offer.jobStake} needed`, later);
  if (context.inputMissing && view.answer === null)
    return decline(view, "input-not-here", "the preimage of its commitment has not arrived", later);
  if (context.working >= policy.concurrency && view.answer === null)
    return decline(view, "at-capacity", `${context.working} jobs in work`, now);
  return undefined;
}
