import { expect } from "chai";
import fc from "fast-check";
import { keccak256 } from "ethers";

import {
  type Fact,
  type Hex,
  isLogFact,
  type Level,
  type RoundKind,
  type SendKind,
} from "../../../../workers/daemon/facts.ts";
import type { Action } from "../../../../workers/daemon/job/action.ts";
import type { Context } from "../../../../workers/daemon/job/context.ts";
import { workersPart } from "../../../../workers/daemon/job/earnings.ts";
import { gasOf } from "../../../../workers/daemon/job/gas-use.ts";
import type { JobView, RoundView } from "../../../../workers/daemon/job/job-view.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { hasStakeIn } from "../../../../workers/daemon/job/obligation.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { termsOf } from "../../../../workers/daemon/job/spending.ts";
import { keptOutputHash } from "../../../../workers/sdk/round.ts";
import { contextOf, JOB_ID, jobAt, KEY, OTHER, place, requested, US } from "../sample-job.ts";

/** How the world answers one action: a number that each kind of action reads in its own way. */
type Roll = number;

interface Scenario {
  readonly level: Level;
  readonly copies: number;
  /** Without evidence a panel judges. */
  readonly hasEvidence: boolean;
  readonly callbackGas: number;
  readonly challenge: "off" | "on";
  readonly start: number;
  /** Wei per unit. */
  readonly gasPrice: bigint;
}

interface History {
  readonly facts: readonly Fact[];
  readonly sends: readonly {
    readonly kind: SendKind;
    readonly output: Hex;
    readonly now: number;
    readonly dueAt: number;
    /** Its stake or bond was in the job. */
    readonly protects: boolean;
    readonly nonce: number;
  }[];
  readonly steps: number;
  readonly ended: boolean;
}

const MOST_STEPS = 2000;
const ANSWERS: readonly SendKind[] = [
  "claim",
  "execute",
  "fulfill",
  "commit",
  "reveal",
  "commit-verdict",
  "reveal-verdict",
];
const PAID_BY_FEE: readonly SendKind[] = ["claim", "execute", "fulfill", "commit"];
/** Covers the gas of most jobs at the lower prices, and of none at the highest. */
const FEE = 1_500_000n;
const MARKET = { priorityWindow: 60, jobStake: 10_000_000n, challengeBond: 10_000_000n };
const REFUSED_FOR_GAS = { kind: "refused", error: "GAS_TOO_DEAR", detail: "" } as const;
const WITH_OUTPUT = ANSWERS.slice(1);
const WINDOW = { challenge: 300, evidence: 600, reveal: 120 };
/** Rare steps are sure to be among these. */
const SAME_EVERY_TIME = { seed: 1, numRuns: 1000 };
const WRONG: Hex = "0xee";

/** Plays a worker against a world that fails, refuses, reorganises and competes as the rolls say, until it is done. */
// eslint-disable-next-line complexity -- one arm for each kind of action
function play(scenario: Scenario, rolls: readonly Roll[]): History {
  const { level, copies, hasEvidence, callbackGas, challenge, gasPrice } = scenario;
  const callbackAt = callbackGas % 2 === 0 ? "Final" : "Executed";
  const job = jobAt(level, { callbackGas, copies, callbackAt, minFee: FEE, maxFee: FEE });
  const facts: Fact[] = [requested(job)];
  const sends: History["sends"][number][] = [];
  let now = scenario.start;
  let block = 1;
  let nonce = 0;
  let outputs = 0;
  let steps = 0;
  // When the rolls run out the world behaves: everything works at once.
  const roll = (choices: number): number => (rolls[steps] ?? 0) % choices;
  const log = () => place(++block);
  const at = () => now;
  const look = (): JobView => reduce(JOB_ID, facts);
  const version = hasEvidence
    ? { levels: ["Vanilla", "Tee", "Zkml"] as const, hasCircuit: true }
    : { levels: ["Vanilla"] as const, hasCircuit: false };

  const committed = (round: RoundKind, of: RoundView, workerId: number): Fact[] => {
    const dueAt = now + WINDOW.reveal;
    const seat: Fact = { kind: "committed", log: log(), round, workerId, seat: of.taken.length };
    const isFull = of.taken.length + 1 === of.seats;
    return isFull ? [seat, { kind: "reveals-opened", log: log(), round, dueAt }] : [seat];
  };
  const revealed = (round: RoundKind, workerId: number, output: Hex): Fact => ({
    kind: "revealed",
    log: log(),
    round,
    workerId,
    outputHash: keccak256(output) as Hex,
    output: round === "panel" ? "0x" : output,
  });
  const challenged = (challenger: Hex): Fact[] => {
    const dueAt = now + WINDOW.evidence;
    const asked = { kind: "challenged", challenger, bond: 1n } as const;
    if (hasEvidence) return [{ ...asked, log: log(), dueAt }];
    const panel: Fact = { kind: "panel-called", log: log(), panelId: "0x0f", seats: 3, dueAt };
    return [panel, { ...asked, log: log(), dueAt: dueAt + WINDOW.reveal }];
  };

  /** What other workers do with a round. */
  const othersActIn = (kind: RoundKind, round: RoundView): void => {
    const others = [OTHER, OTHER + 1, OTHER + 2];
    if (now > round.dueAt) return;
    const free = others.find((id) => !round.taken.some(({ workerId }) => workerId === id));
    if (round.phase === "Committing" && free !== undefined && roll(4) === 2)
      facts.push(...committed(kind, round, free));
    const silent = round.taken.find(({ workerId, state }) => workerId !== US && state === "committed");
    if (round.phase === "Revealing" && silent !== undefined && roll(3) !== 2)
      facts.push(revealed(kind, silent.workerId, roll(5) === 4 ? WRONG : "0x00"));
  };

  const worldActs = (): void => {
    const { chain } = look();
    if (chain.copies !== null) othersActIn("copies", chain.copies);
    if (chain.panel !== null) othersActIn("panel", chain.panel);
    if (chain.state === "Executed" && level === "Vanilla" && now <= chain.dueAt && roll(13) === 6)
      facts.push(...challenged(`0x${"dd".repeat(20)}`));
    if (chain.state !== "Requested" || copies !== 1) return;
    if (roll(23) === 7) facts.push({ kind: "executed", log: log(), workerId: OTHER, output: WRONG, dueAt: now + 300 });
    // The operator wants another try.
    if (roll(37) === 5) facts.push({ kind: "replayed" });
    if (roll(29) === 11) facts.push({ kind: "claimed", log: log(), workerId: OTHER, dueAt: now + 600 });
  };

  const isOver = (round: RoundView): boolean =>
    now > round.dueAt || (round.phase === "Revealing" && round.taken.every(({ state }) => state === "revealed"));
  const majority = ({ taken, seats }: RoundView): Hex | undefined => {
    const hashes = taken.flatMap(({ outputHash }) => outputHash ?? []);
    return hashes.find((hash) => hashes.filter((other) => other === hash).length > seats / 2);
  };
  const refunded = (): Fact => ({ kind: "refunded", log: log(), workerId: OTHER, refund: 1n, slashed: 1n });
  const settled = (): Fact => ({ kind: "settled", log: log(), workerId: copies === 1 ? US : 0, fee: 1n });

  const tally = (round: RoundView): Fact[] => {
    const best = majority(round);
    const lost = round.taken
      .filter(({ outputHash }) => outputHash === null || (best !== undefined && outputHash !== best))
      .map(({ workerId }): Fact => ({ kind: "seat-lost", log: log(), round: "copies", workerId }));
    if (best === undefined && hasEvidence && round.taken.some(({ outputHash }) => outputHash !== null))
      return [...lost, { kind: "copies-disagreed", log: log(), dueAt: now + WINDOW.evidence }];
    if (best === undefined) return [...lost, refunded()];
    const outputHash = keptOutputHash(best) as Hex;
    return [{ kind: "copies-agreed", log: log(), outputHash, dueAt: now + WINDOW.challenge }, ...lost];
  };
  /** What `resolve` does while a panel judges. */
  const endPanel = (panel: RoundView): Fact[] => {
    if (!isOver(panel)) return [];
    if (panel.phase === "Committing" && panel.taken.length >= 2)
      return [{ kind: "reveals-opened", log: log(), round: "panel", dueAt: now + WINDOW.reveal }];
    const best = majority(panel);
    const { output } = look().chain;
    const upheld = best !== undefined && output !== null && best === keccak256(output);
    return [{ kind: "panel-judged", log: log(), decided: best !== undefined, upheld }, upheld ? settled() : refunded()];
  };

  /** The logs that a mined send leaves, if the job is in a state that allows it. */
  // eslint-disable-next-line complexity -- one arm for each kind of send
  const effectOf = (send: SendKind, output: Hex): Fact[] => {
    const { state, copies: round, panel } = look().chain;
    const open = state === "Requested" || state === "Claimed";
    const isFree = (of: RoundView): boolean =>
      of.phase === "Committing" && now <= of.dueAt && of.taken.every(({ workerId }) => workerId !== US);
    const isHidden = (of: RoundView): boolean =>
      of.phase === "Revealing" &&
      now <= of.dueAt &&
      of.taken.some((seat) => seat.workerId === US && seat.state === "committed");
    switch (send) {
      case "claim":
        return state === "Requested" ? [{ kind: "claimed", log: log(), workerId: US, dueAt: now + 600 }] : [];
      case "execute":
        return open ? [{ kind: "executed", log: log(), workerId: US, output, dueAt: now + 300 }] : [];
      case "fulfill":
      case "settle":
        return open || state === "Executed" || (state === "Challenged" && panel === null) ? [settled()] : [];
      case "commit":
        return round !== null && isFree(round) ? committed("copies", round, US) : [];
      case "open-reveals":
        return round?.phase === "Committing" && now > round.dueAt && round.taken.length > round.seats / 2
          ? [{ kind: "reveals-opened", log: log(), round: "copies", dueAt: now + WINDOW.reveal }]
          : [];
      case "reveal":
        return round !== null && isHidden(round) ? [revealed("copies", US, output)] : [];
      case "tally":
        return round?.phase === "Revealing" && isOver(round) ? tally(round) : [];
      case "challenge":
        return state === "Executed" ? challenged(KEY) : [];
      case "commit-verdict":
        return panel !== null && isFree(panel) ? committed("panel", panel, US) : [];
      case "reveal-verdict":
        return panel !== null && isHidden(panel) ? [revealed("panel", US, output)] : [];
      case "open-verdicts":
      case "resolve":
        if (state !== "Challenged") return [];
        return panel === null ? [refunded()] : endPanel(panel);
      case "expire":
        return state === "Requested" || state === "Copying" ? [refunded()] : [];
      case "retry-callback":
        return [{ kind: "callback-failed", log: log(), reason: "0x" }];
      case "prepare-quote":
      case "enroll":
      case "return-to-draws":
      case "set-draining":
      case "settle-payment":
      case "collect-vouchers":
      case "anchor-receipts":
      case "show-receipt":
      case "release-anchor":
        return [];
    }
  };

  const lookUp = (action: Extract<Action, { kind: "look-up" }>): void => {
    const send = look().sends.find((one) => one.nonce === action.nonce && one.outcome === "pending");
    if (send === undefined) throw new Error("a look-up of nothing");
    const transactionHash = send.bytes.at(-1)?.transactionHash ?? "0x";
    const mined = (ok: boolean): Fact => {
      const { blockNumber, blockHash } = place(block);
      const at = { nonce: send.nonce, transactionHash, ok, blockNumber, blockHash };
      return { kind: "mined", ...at, gasUsed: gasOf(send.kind, look(), {}), effectiveGasPrice: gasPrice };
    };
    switch (roll(6)) {
      case 1:
        now += 7;
        return;
      case 2:
        facts.push(mined(false));
        return;
      case 3:
        facts.push({ kind: "rejected", nonce: send.nonce, transactionHash, message: "no" });
        return;
      case 4:
        facts.push({ kind: "lost", nonce: send.nonce });
        return;
      default: {
        const effects = effectOf(action.send, sends.at(-1)?.output ?? "0x").map((fact) =>
          isLogFact(fact) ? { ...fact, log: { ...fact.log, transactionHash } } : fact,
        );
        facts.push(...effects, mined(effects.length > 0));
        // Its block may be orphaned later: everything goes back.
        if (effects.length > 0 && roll(7) === 5)
          facts.push(...effects.flatMap(revocationOf), { kind: "unmined", nonce: send.nonce, transactionHash });
      }
    }
  };

  const dueAtOf = (view: JobView, send: SendKind): number => {
    if (send === "commit" || send === "reveal") return view.chain.copies?.dueAt ?? 0;
    return send.endsWith("-verdict") ? (view.chain.panel?.dueAt ?? 0) : view.chain.dueAt;
  };

  for (; steps < MOST_STEPS; steps++) {
    worldActs();
    const view = look();
    if (view.closed) {
      // News from the world would open it again.
      if (steps >= rolls.length) return { facts, sends, steps, ended: true };
      now += 1 + roll(40);
      continue;
    }
    const isOurTurn = roll(5) !== 3;
    const turn = { rank: 0, holder: isOurTurn ? US : OTHER, until: 161 };
    const panel =
      view.chain.panel === null ? null : { drawn: isOurTurn, draining: false, freeStake: 10n, jobStake: 1n };
    const offered = workersPart(job, FEE);
    const context = contextOf({
      now,
      version,
      panel,
      policy: { challenge, claim: "racing" },
      offer: { turn, fee: offered, highestFee: offered },
      gas: { price: gasPrice, balance: 10n ** 30n, seen: {}, coinValue: 10n ** 18n },
      market: MARKET,
    });
    const action = nextAction(view, context);
    switch (action.kind) {
      case "done":
        facts.push({ kind: "closed", why: action.why });
        break;
      case "wait":
        expect(action.until, "a wait that does not wait").to.be.greaterThan(now - 1);
        // The world may act meanwhile.
        now = steps < rolls.length ? now + 1 + roll(150) : Math.max(now + 1, action.until);
        break;
      case "decline":
        facts.push({ kind: "declined", reason: action.reason, detail: action.detail, until: action.until });
        break;
      case "execute-model":
        expect(view.answer, "a second run of an answered job").to.equal(null);
        facts.push(
          roll(4) === 1
            ? { kind: "failed", step: "answer", code: "X", message: "", retryable: roll(8) !== 5, at: at() }
            : {
                kind: "answered",
                output: `0x${(outputs++).toString(16).padStart(2, "0")}`,
                executor: "reference",
                milliseconds: 1,
              },
        );
        now += 1;
        break;
      case "draw-salt":
        expect(view.salts[action.round], "a second salt").to.equal(null);
        facts.push({ kind: "salted", round: action.round, salt: `0x${"5a".repeat(32)}` });
        break;
      case "make-evidence":
        expect(action.output).to.equal(view.answer?.output);
        facts.push(
          roll(4) === 1
            ? { kind: "failed", step: "evidence", code: "X", message: "", retryable: true, at: at() }
            : { kind: "evidence", level: action.level, output: action.output, evidence: "0x00", milliseconds: 1 },
        );
        now += roll(40);
        break;
      case "send": {
        expect(
          view.sends.some(({ outcome }) => outcome === "pending"),
          "a send while bytes are out",
        ).to.equal(false);
        const already = view.sends.some(
          ({ kind, outcome, bytes }) =>
            kind === action.send && outcome === "mined" && bytes[0]?.transactionHash !== view.chain.panel?.openedBy,
        );
        expect(already && action.send !== "retry-callback", "a send of what was mined").to.equal(false);
        if (roll(5) === 1) facts.push({ kind: "refused", send: action.send, error: "X", detail: "", at: at() });
        else if (isTooDear(view, action, context)) facts.push({ ...REFUSED_FOR_GAS, send: action.send, at: at() });
        else if (roll(9) === 2) facts.push({ kind: "unfunded", send: action.send, message: "", at: at() });
        else {
          const transactionHash: Hex = `0x${(nonce + 16).toString(16).padStart(64, "0")}`;
          const { send } = action;
          const bytes = { transactionHash, raw: "0x00", maxFeePerGas: 1n, batch: [] } as const;
          facts.push({ kind: "signed", send, nonce: nonce++, ...bytes });
          const protects = hasStakeIn(view, context.worker);
          sends.push({
            kind: send,
            output: action.output,
            now,
            dueAt: dueAtOf(view, send),
            protects,
            nonce: nonce - 1,
          });
        }
        break;
      }
      case "look-up":
        lookUp(action);
        break;
    }
  }
  return { facts, sends, steps, ended: false };
}

/** As the lane does it: what a send may cost is checked against the price of the moment. */
function isTooDear(view: JobView, { send }: Extract<Action, { kind: "send" }>, context: Context): boolean {
  const { most } = termsOf(view, send, context);
  return most !== null && gasOf(send, view, {}) * context.gas.price > most;
}

/** Wei that a job's transactions cost which no stake called for. */
function spentFreely({ facts, sends }: History): bigint {
  const free = new Set(sends.filter(({ protects }) => !protects).map(({ nonce }) => nonce));
  const last = new Map<number, bigint>();
  for (const fact of facts) {
    if (fact.kind === "mined") last.set(fact.nonce, fact.gasUsed * (fact.effectiveGasPrice ?? 0n));
    if (fact.kind === "unmined") last.delete(fact.nonce);
  }
  return [...last].reduce((sum, [nonce, cost]) => (free.has(nonce) ? sum + cost : sum), 0n);
}

function revocationOf(fact: Fact): Fact[] {
  return isLogFact(fact) ? [{ kind: "revoked", blockHash: fact.log.blockHash, logIndex: fact.log.logIndex }] : [];
}

describe("a worker in any history", () => {
  const scenarios = fc
    .record({
      level: fc.constantFrom<Level>("Vanilla", "Vanilla", "Tee", "Zkml"),
      copies: fc.constantFrom(1, 3, 3, 4),
      hasEvidence: fc.boolean(),
      callbackGas: fc.constantFrom(0, 50_000, 50_001),
      challenge: fc.constantFrom<"off" | "on">("off", "on"),
      // Anywhere from just after the request to after the deadline, most of all near it.
      start: fc.oneof(fc.integer({ min: 101, max: 1120 }), fc.integer({ min: 1060, max: 1110 })),
      gasPrice: fc.constantFrom(0n, 1n, 2n, 5n),
    })
    // Only Vanilla has copies, or needs no evidence.
    .map((one) => (one.level === "Vanilla" ? one : { ...one, copies: 1, hasEvidence: true }));
  const rolls = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 200, size: "max" });
  const always = (check: (history: History) => void, chosen: fc.Parameters<unknown> = { numRuns: 500 }): void =>
    fc.assert(
      fc.property(scenarios, rolls, (scenario, dice) => {
        check(play(scenario, dice));
      }),
      chosen,
    );

  it("comes to an end", () => {
    always(({ ended, facts }) => expect(ended, `no end after ${facts.length} facts`).to.equal(true));
  });

  it("gives at most one output to a job, its commitments and verdicts included", () => {
    always(({ sends }) => {
      const outputs = sends.filter(({ kind }) => WITH_OUTPUT.includes(kind)).map(({ output }) => output);
      expect(new Set(outputs).size).to.be.at.most(1);
    });
  });

  it("answers nothing after its deadline", () => {
    always(({ sends }) => {
      for (const { kind, now, dueAt } of sends) if (ANSWERS.includes(kind)) expect(now, kind).to.be.at.most(dueAt);
    });
  });

  it("has the salt of a commitment in the journal before the commitment is signed, and draws it once", () => {
    always(({ facts }) => {
      for (const [round, send] of [
        ["copies", "commit"],
        ["panel", "commit-verdict"],
      ] as const) {
        const salts = facts.filter((fact) => fact.kind === "salted" && fact.round === round);
        const salted = facts.findIndex((fact) => fact.kind === "salted" && fact.round === round);
        const signed = facts.findIndex((fact) => fact.kind === "signed" && fact.send === send);
        expect(salts.length).to.be.at.most(1);
        if (signed !== -1) expect(salted).to.be.within(0, signed);
      }
    });
  });

  it("leaves no job in which its stake is, unless it is lost or too late for it", () => {
    always(({ facts }) => {
      const view = reduce(JOB_ID, facts);
      if (!hasStakeIn(view, { id: US, key: KEY })) return;
      expect([
        "evidence-too-late",
        "reveal-too-late",
        "evidence-failed",
        "execution-failed",
        "output-differs-from-ours",
        "reverted-on-chain",
      ]).to.include(view.decline?.reason);
    });
  });

  it("never spends more gas than a job can earn, unless it protects its stake", () => {
    let spending = 0;
    always((history) => {
      const spent = spentFreely(history);
      // A panel's seat and a challenge are paid otherwise than by the fee.
      const bounties = MARKET.jobStake / 4n + MARKET.challengeBond / 2n;
      expect(spent <= FEE + bounties, `${spent} of ${FEE + bounties}`).to.equal(true);
      if (history.sends.every(({ kind }) => PAID_BY_FEE.includes(kind) || kind === "settle"))
        expect(spent <= FEE, `${spent} of ${FEE}`).to.equal(true);
      if (spent > 0n) spending++;
    }, SAME_EVERY_TIME);
    expect(spending).to.be.above(100);
  });

  it("records a reason whenever it leaves a job that was open to it", () => {
    always(({ facts, sends }) => {
      const { chain, decline } = reduce(JOB_ID, facts);
      if ((chain.state === "Requested" || chain.state === "Copying") && sends.length === 0)
        expect(decline !== null || facts.some(({ kind }) => kind === "answered" || kind === "failed")).to.equal(true);
    });
  });

  it("sees every kind of step in the histories that are tried", () => {
    const seen = new Set<SendKind>();
    always(({ sends }) => {
      for (const { kind } of sends) seen.add(kind);
    }, SAME_EVERY_TIME);
    expect([...seen]).to.include.members(["commit", "open-reveals", "reveal", "tally", "commit-verdict"]);
    expect([...seen]).to.include.members(["open-verdicts", "reveal-verdict", "resolve", "settle", "fulfill"]);
  });
});
