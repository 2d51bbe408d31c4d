import type { Fact, FactOf, Hex, Job, LogFact } from "../facts.ts";
import type { Context } from "../job/context.ts";
import { bountyOf, workersPart } from "../job/earnings.ts";
import { gasPaidBy } from "../job/gas-paid.ts";
import { chainOrder } from "../job/reduce.ts";

/** What a job brought this worker and cost it. */
export interface Account {
  /** Units of gas, of a batch this job's share. */
  readonly gasUsed: bigint;
  /** Wei of the chain's coin. */
  readonly gasCost: bigint;
  /** Fees, shares of bonds and bounties, in the market's currency. */
  readonly earned: bigint;
  /** Stake and bonds, in the market's currency. */
  readonly lost: bigint;
}

export const NOTHING: Account = Object.freeze({ gasUsed: 0n, gasCost: 0n, earned: 0n, lost: 0n });

/** Whose account it is, and what a seat loses. */
export interface Owner {
  readonly worker: Context["worker"];
  readonly jobStake: bigint;
}

/** The account of one job after these facts of it, in the order of the journal. Pure. */
export function accountOf(jobId: Hex, facts: readonly Fact[], owner: Owner): Account {
  const { used, cost } = gasPaidBy(jobId, facts);
  const paper: Paper = { job: null, answeredBy: 0, bond: 0n, isChallenger: false, panel: null };
  let account: Account = { ...NOTHING, gasUsed: used, gasCost: cost };
  for (const fact of chainOrder(facts)) {
    const { earned, lost } = change(paper, fact, owner);
    account = { ...account, earned: account.earned + earned, lost: account.lost + lost };
  }
  return account;
}

/** What earlier logs said that later ones depend on. */
interface Paper {
  job: Job | null;
  answeredBy: number;
  bond: bigint;
  isChallenger: boolean;
  /** Null until a panel judged. */
  panel: { readonly decided: boolean; readonly upheld: boolean } | null;
}

type Change = Pick<Account, "earned" | "lost">;

function change(paper: Paper, fact: LogFact, { worker, jobStake }: Owner): Change {
  const none: Change = { earned: 0n, lost: 0n };
  switch (fact.kind) {
    case "requested":
      paper.job = fact.job;
      return none;
    case "executed":
      paper.answeredBy = fact.workerId;
      return none;
    case "challenged":
      paper.bond = fact.bond;
      paper.isChallenger = fact.challenger.toLowerCase() === worker.key.toLowerCase();
      return none;
    case "panel-judged":
      paper.panel = { decided: fact.decided, upheld: fact.upheld };
      return none;
    case "paid":
      return fact.workerId === worker.id ? { ...none, earned: fact.amount } : none;
    case "seat-lost":
      return fact.workerId === worker.id ? { ...none, lost: jobStake } : none;
    case "settled":
      return atSettlement(paper, fact, worker);
    case "refunded":
      return atRefund(paper, fact, worker);
    default:
      return none;
  }
}

function atSettlement(paper: Paper, { workerId, fee }: FactOf<"settled">, worker: Owner["worker"]): Change {
  const { job, panel, bond, isChallenger } = paper;
  // A challenge that failed costs its bond; whoever brought the evidence gets it, or half where a panel did.
  const won = panel === null ? bond : bond - bond / 2n;
  const earned = workerId === worker.id ? won + (job === null ? 0n : workersPart(job, fee)) : 0n;
  // A panel may find a minority of the copies right, and the challenger with it: the logs do not tell that apart.
  const isFailed = isChallenger && (panel === null || job?.copies === 1);
  return { earned, lost: isFailed ? bond : 0n };
}

function atRefund(paper: Paper, { workerId, slashed }: FactOf<"refunded">, worker: Owner["worker"]): Change {
  const { panel, bond, isChallenger, answeredBy } = paper;
  // Where no panel decided, whoever was accused gets the bond for its trouble.
  if (panel?.decided === false) return { earned: answeredBy === worker.id ? bond : 0n, lost: isChallenger ? bond : 0n };
  return { earned: isChallenger ? bountyOf(slashed) : 0n, lost: workerId === worker.id ? slashed : 0n };
}
