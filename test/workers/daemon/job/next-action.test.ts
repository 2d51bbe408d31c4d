import { expect } from "chai";
import { keccak256 } from "ethers";

import type { Fact, FactOf, Hex, Job, Level } from "../../../../workers/daemon/facts.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { owesEvidence } from "../../../../workers/daemon/job/obligation.ts";
import { hexOf } from "../../../../workers/daemon/chain/job-struct.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { keptOutputHash } from "../../../../workers/sdk/round.ts";
import {
  ANSWERED,
  contextOf,
  evidence,
  JOB_ID,
  jobAt,
  KEY,
  mined,
  OTHER,
  OUTPUT,
  place,
  requested,
  signed,
  US,
} from "../sample-job.ts";

describe("the next action of a worker", () => {
  const decide = (facts: readonly Fact[], context = contextOf()) => nextAction(reduce(JOB_ID, facts), context);
  const executedBy = (workerId: number, output = OUTPUT): Fact => ({
    kind: "executed",
    log: place(2),
    workerId,
    output,
    dueAt: 400,
  });
  const open = (level: Level, overrides: Partial<Job> = {}): Fact => requested(jobAt(level, overrides));

  describe("for a requested job", () => {
    it("runs the model, then posts the recorded answer of a Vanilla job", () => {
      expect(decide([open("Vanilla")])).to.deep.equal({ kind: "execute-model" });
      expect(decide([open("Vanilla"), ANSWERED])).to.deep.equal({ kind: "send", send: "execute", output: OUTPUT });
    });

    for (const level of ["Tee", "Zkml"] as const)
      it(`makes ${level} evidence for exactly that answer before it fulfills`, () => {
        expect(decide([open(level), ANSWERED])).to.deep.equal({ kind: "make-evidence", level, output: OUTPUT });
        const facts = [open(level), ANSWERED, evidence(level)];
        expect(decide(facts)).to.deep.equal({ kind: "send", send: "fulfill", output: OUTPUT });
      });

    it("waits for its enclave's enrolment before it signs", () => {
      const action = decide([open("Tee"), ANSWERED], contextOf({ enclaveReady: false }));
      expect(action).to.include({ kind: "wait", until: 110 });
    });

    for (const error of ["EnclaveNotEnrolled", "EnclaveKeysEnded", "EnclaveExpired"])
      it(`makes Tee evidence anew when the key that signed it counts no longer (${error})`, () => {
        const refused: Fact = { kind: "refused", send: "fulfill", error, detail: "", at: 50 };
        const facts = [open("Tee"), ANSWERED, evidence("Tee"), refused];
        expect(decide(facts)).to.deep.equal({ kind: "make-evidence", level: "Tee", output: OUTPUT });
        expect(decide(facts, contextOf({ enclaveReady: false }))).to.include({ kind: "wait" });
        expect(decide([...facts, evidence("Tee")])).to.include({ kind: "send", send: "fulfill" });
      });

    it("keeps its evidence when it was refused for another reason", () => {
      const refused: Fact = { kind: "refused", send: "fulfill", error: "TurnOfOther", detail: "", at: 50 };
      expect(decide([open("Tee"), ANSWERED, evidence("Tee"), refused])).to.include({ kind: "send", send: "fulfill" });
    });

    it("claims a Zkml job first when others may answer before the proof is done", () => {
      const racing = contextOf({ policy: { claim: "racing" }, offer: { turn: { rank: 2, holder: 0, until: 1100 } } });
      expect(decide([open("Zkml"), ANSWERED], racing)).to.include({ kind: "send", send: "claim" });
      const alone = contextOf({ policy: { claim: "racing" } });
      expect(decide([open("Zkml"), ANSWERED], alone)).to.include({ kind: "make-evidence" });
    });

    it("posts an early answer when the consumer wants one", () => {
      const facts = [open("Zkml", { callbackAt: "Executed", callbackGas: 100_000 }), ANSWERED];
      expect(decide(facts)).to.include({ kind: "send", send: "execute" });
    });

    const refusals: [string, Level, Parameters<typeof contextOf>[0], string, number | null][] = [
      ["it does not serve the version", "Vanilla", { serving: false, offer: null }, "not-serving", 120],
      ["the level is not configured", "Tee", { policy: { levels: ["Vanilla"] } }, "level-not-configured", null],
      [
        "it could not prove a Vanilla answer",
        "Vanilla",
        { policy: { levels: ["Vanilla"] } },
        "level-not-configured",
        null,
      ],
      ["the fee never reaches the price", "Vanilla", { offer: { price: 3001n } }, "fee-below-price", null],
      ["the fee does not reach the price yet", "Vanilla", { offer: { price: 2000n } }, "fee-below-price", 120],
      ["the draw is not open", "Vanilla", { offer: { turn: null } }, "not-drawn-yet", 110],
      [
        "another worker is drawn first",
        "Vanilla",
        { offer: { turn: { rank: 0, holder: OTHER, until: 160 } } },
        "not-drawn-yet",
        160,
      ],
      [
        "another worker is drawn second",
        "Vanilla",
        { now: 165, offer: { turn: { rank: 1, holder: OTHER, until: 220 } } },
        "not-drawn-yet",
        220,
      ],
      ["a proof would be late", "Zkml", { now: 1085 }, "deadline-too-close", null],
      ["its stake is bound", "Vanilla", { offer: { freeStake: 0n } }, "stake-too-low", 120],
      ["it drains", "Vanilla", { offer: { draining: true } }, "draining", 120],
      ["the preimage of its input is missing", "Zkml", { inputMissing: true }, "input-not-here", 120],
      ["it has enough to do", "Vanilla", { working: 4 }, "at-capacity", 110],
      ["it has enough to do", "Zkml", { working: 4 }, "at-capacity", 110],
    ];
    for (const [why, level, context, reason, until] of refusals)
      it(`declines because ${why}, and records the reason once`, () => {
        const facts = [open(level)];
        const action = decide(facts, contextOf(context));
        expect(action).to.include({ kind: "decline", reason, until });
        if (action.kind !== "decline") return;
        const declined: Fact = { kind: "declined", reason: action.reason, detail: action.detail, until: action.until };
        const next = decide([...facts, declined], contextOf(context));
        expect(next.kind).to.equal(until === null ? "done" : "wait");
      });

    it("hands over what is ready though it has enough to do", () => {
      const facts = [open("Zkml"), ANSWERED, evidence("Zkml")];
      expect(decide(facts, contextOf({ working: 4 }))).to.include({ kind: "send", send: "fulfill" });
    });

    it("takes the job in the window in which it is drawn second", () => {
      const second = contextOf({ now: 165, offer: { turn: { rank: 1, holder: US, until: 220 } } });
      expect(decide([open("Vanilla")], second)).to.include({ kind: "execute-model" });
    });

    it("takes the job when those that were drawn let their turns pass", () => {
      const passed = contextOf({ now: 221, offer: { turn: { rank: 2, holder: 0, until: 280 } } });
      expect(decide([open("Vanilla")], passed)).to.include({ kind: "execute-model" });
    });

    it("gives a job up after a failure that cannot pass, and waits after one that can", () => {
      const failed = (retryable: boolean): Fact => ({
        kind: "failed",
        step: "answer",
        code: "ARTIFACT_UNAVAILABLE",
        message: "gone",
        retryable,
        at: 110,
      });
      expect(decide([open("Vanilla"), failed(false)])).to.include({ kind: "decline", reason: "execution-failed" });
      expect(decide([open("Vanilla"), failed(true)])).to.include({ kind: "wait" });
      expect(decide([open("Vanilla"), failed(true)], contextOf({ now: 120 }))).to.include({ kind: "execute-model" });
    });

    it("keeps a job that the key cannot pay for, and tries again when time has passed", () => {
      const facts = [open("Vanilla"), ANSWERED, { kind: "unfunded", send: "execute", message: "", at: 110 } as const];
      expect(decide(facts)).to.include({ kind: "decline", reason: "insufficient-balance", until: 120 });
      expect(decide(facts, contextOf({ now: 121 }))).to.include({ kind: "send", send: "execute" });
    });
  });

  describe("for bytes that are out", () => {
    it("looks them up, whatever else the view says", () => {
      const facts = [open("Vanilla"), ANSWERED, signed("execute", 3)];
      expect(decide(facts)).to.deep.equal({ kind: "look-up", send: "execute", nonce: 3 });
      expect(decide([...facts, executedBy(US)])).to.include({ kind: "look-up", nonce: 3 });
    });

    it("does not send again what was mined", () => {
      expect(decide([open("Vanilla"), ANSWERED, signed("execute", 3), mined(3)])).to.include({ kind: "wait" });
    });

    it("looks them up again when their block was orphaned", () => {
      const facts = [open("Vanilla"), ANSWERED, signed("execute", 3), mined(3)];
      const unmined: Fact = { kind: "unmined", nonce: 3, transactionHash: signed("execute", 3).transactionHash };
      expect(decide([...facts, unmined])).to.include({ kind: "look-up", nonce: 3 });
    });

    it("sends anew when no node took them", () => {
      const { transactionHash } = signed("execute", 3);
      const facts = [open("Vanilla"), ANSWERED, signed("execute", 3)];
      const rejected: Fact = { kind: "rejected", nonce: 3, transactionHash, message: "no" };
      expect(decide([...facts, rejected])).to.include({ kind: "send", send: "execute" });
    });
  });

  describe("for an answered job", () => {
    it("settles its own Vanilla answer once the window has passed, and not before", () => {
      const facts = [open("Vanilla"), ANSWERED, executedBy(US)];
      expect(decide(facts, contextOf({ now: 400, offer: null }))).to.deep.include({ kind: "wait", until: 401 });
      expect(decide(facts, contextOf({ now: 401, offer: null }))).to.deep.equal({
        kind: "send",
        send: "settle",
        output: "0x",
      });
    });

    it("hands the output over again if the consumer is called at settlement", () => {
      const facts = [open("Vanilla", { callbackGas: 50_000 }), ANSWERED, executedBy(US)];
      expect(decide(facts, contextOf({ now: 401 }))).to.deep.equal({ kind: "send", send: "settle", output: OUTPUT });
    });

    it("proves a challenged answer, by an enclave if the version has no circuit", () => {
      const facts: Fact[] = [
        open("Vanilla"),
        ANSWERED,
        executedBy(US),
        { kind: "challenged", log: place(3), challenger: KEY, bond: 1n, dueAt: 900 },
      ];
      expect(decide(facts)).to.include({ kind: "make-evidence", level: "Zkml" });
      const float = contextOf({ version: { levels: ["Vanilla", "Tee"], hasCircuit: false } });
      expect(decide(facts, float)).to.include({ kind: "make-evidence", level: "Tee" });
      expect(decide([...facts, evidence("Zkml")])).to.include({ kind: "send", send: "fulfill" });
      expect(decide(facts, contextOf({ now: 900 }))).to.include({ kind: "decline", reason: "evidence-too-late" });
    });

    it("leaves the answers of others alone unless told to challenge", () => {
      expect(decide([open("Vanilla"), executedBy(OTHER)])).to.include({ kind: "decline", reason: "taken-by-another" });
    });

    it("challenges a wrong answer, agrees with a right one, and only reports in a dry run", () => {
      const on = contextOf({ policy: { challenge: "on" } });
      const wrong = [open("Vanilla"), executedBy(OTHER, "0xff")];
      expect(decide(wrong, on)).to.deep.equal({ kind: "execute-model" });
      expect(decide([...wrong, ANSWERED], on)).to.include({ kind: "send", send: "challenge" });
      expect(decide([open("Vanilla"), executedBy(OTHER), ANSWERED], on)).to.include({ kind: "done" });
      const dry = contextOf({ policy: { challenge: "dry-run" } });
      expect(decide([...wrong, ANSWERED], dry)).to.include({ kind: "decline", reason: "would-challenge" });
    });

    it("does not challenge when the window is over or the answer is not defined to the bit", () => {
      const facts = [open("Vanilla"), executedBy(OTHER, "0xff")];
      const late = contextOf({ now: 399, policy: { challenge: "on" } });
      expect(decide(facts, late)).to.include({ kind: "decline", reason: "challenge-too-late" });
      const float = contextOf({
        policy: { challenge: "on" },
        version: { levels: ["Vanilla", "Tee"], hasCircuit: false },
      });
      expect(decide(facts, float)).to.include({ kind: "decline", reason: "not-reproducible" });
    });

    it("resolves its own challenge when the evidence did not come", () => {
      const facts: Fact[] = [
        open("Vanilla"),
        executedBy(OTHER, "0xff"),
        ANSWERED,
        { kind: "challenged", log: place(3), challenger: KEY, bond: 1n, dueAt: 900 },
      ];
      const on = { policy: { challenge: "on" } as const };
      expect(decide(facts, contextOf({ now: 900, ...on }))).to.deep.include({ kind: "wait", until: 901 });
      expect(decide(facts, contextOf({ now: 901, ...on }))).to.include({ kind: "send", send: "resolve" });
    });
  });

  it("repeats a failed callback of its own job as often as the policy says", () => {
    const facts: Fact[] = [
      open("Zkml", { callbackGas: 1 }),
      { kind: "fulfilled", log: place(2, 0), workerId: US, output: OUTPUT },
      { kind: "settled", log: place(2, 1), workerId: US, fee: 1n },
      { kind: "callback-failed", log: place(2, 2), reason: "0x" },
    ];
    expect(decide(facts)).to.include({ kind: "send", send: "retry-callback" });
    expect(decide([...facts, signed("retry-callback", 9), mined(9)])).to.include({ kind: "done" });
    expect(decide([...facts, { kind: "callback-delivered", log: place(4) }])).to.deep.include({ why: "settled" });
  });

  it("lets a failed callback be when it cannot pay for it, and does not repeat a send that failed at once", () => {
    const facts: Fact[] = [
      open("Zkml", { callbackGas: 1 }),
      { kind: "settled", log: place(2, 1), workerId: US, fee: 1n },
      { kind: "executed", log: place(2, 0), workerId: US, output: OUTPUT, dueAt: 400 },
      { kind: "callback-failed", log: place(2, 2), reason: "0x" },
    ];
    expect(decide(facts)).to.include({ kind: "send", send: "retry-callback" });
    const unfunded: Fact = { kind: "unfunded", send: "retry-callback", message: "", at: 110 };
    expect(decide([...facts, unfunded])).to.include({ kind: "done" });
    const failed: Fact = { kind: "failed", step: "send", code: "X", message: "", retryable: true, at: 110 };
    expect(decide([...facts, failed])).to.include({ kind: "wait" });
  });

  describe("for a job with its stake in it", () => {
    const times = <T>(count: number, fact: T): T[] => Array.from({ length: count }, () => fact);

    it("goes on trying to settle, with growing pauses", () => {
      const refused: Fact = { kind: "refused", send: "settle", error: "X", detail: "", at: 500 };
      const facts = [open("Vanilla"), ANSWERED, executedBy(US), ...times(12, refused)];
      expect(decide(facts, contextOf({ now: 501 }))).to.deep.include({ kind: "wait", until: 4100 });
      expect(decide(facts, contextOf({ now: 4100 }))).to.include({ kind: "send", send: "settle" });
    });

    it("goes on trying to bring evidence until it is due, with short pauses", () => {
      const claimed: Fact = { kind: "claimed", log: place(2), workerId: US, dueAt: 700 };
      const failed: Fact = { kind: "failed", step: "evidence", code: "X", message: "", retryable: true, at: 500 };
      const facts = [open("Zkml"), ANSWERED, claimed, ...times(12, failed)];
      expect(decide(facts, contextOf({ now: 501 }))).to.deep.include({ kind: "wait", until: 530 });
      expect(decide(facts, contextOf({ now: 530 }))).to.include({ kind: "make-evidence" });
      expect(decide(facts, contextOf({ now: 700 }))).to.include({ kind: "decline", reason: "evidence-too-late" });
    });
  });

  describe("for a job of several copies", () => {
    const COPIES = open("Vanilla", { copies: 3, callbackAt: "Executed", callbackGas: 1 });
    const salted = (round: "copies" | "panel"): Fact => ({ kind: "salted", round, salt: `0x${"5a".repeat(32)}` });
    const sits = (workerId: number, seat: number): Fact => ({
      kind: "committed",
      log: place(2, seat),
      round: "copies",
      workerId,
      seat,
    });
    const OPENED: Fact = { kind: "reveals-opened", log: place(3), round: "copies", dueAt: 300 };
    const reveals = (workerId: number, index: number, output: Hex = OUTPUT): Fact => ({
      kind: "revealed",
      log: place(4, index),
      round: "copies",
      workerId,
      outputHash: hash(output),
      output,
    });
    const lost = (workerId: number): Fact => ({
      kind: "seat-lost",
      log: place(5, workerId),
      round: "copies",
      workerId,
    });
    const agreed: Fact = { kind: "copies-agreed", log: place(5), outputHash: kept(OUTPUT), dueAt: 700 };
    const committed = [COPIES, ANSWERED, salted("copies"), sits(OTHER, 0), sits(US, 1), sits(OTHER + 1, 2)];
    const allRevealed = [...committed, OPENED, reveals(OTHER, 0), reveals(US, 1), reveals(OTHER + 1, 2)];
    const at = (now: number, overrides: Parameters<typeof contextOf>[0] = {}) => contextOf({ now, ...overrides });

    it("draws and records its salt before it commits", () => {
      expect(decide([COPIES])).to.deep.equal({ kind: "execute-model" });
      expect(decide([COPIES, ANSWERED])).to.deep.equal({ kind: "draw-salt", round: "copies" });
      const ready = [COPIES, ANSWERED, salted("copies")];
      expect(decide(ready)).to.deep.equal({ kind: "send", send: "commit", output: OUTPUT });
      expect(decide([...ready, sits(OTHER, 0)])).to.include({ send: "commit" });
    });

    it("takes no seat if it does not want rounds, or not those of inexact versions", () => {
      const off = contextOf({ policy: { rounds: "off" } });
      expect(decide([COPIES], off)).to.include({ kind: "decline", reason: "rounds-not-wanted" });
      const version = { levels: ["Vanilla", "Tee"], hasCircuit: false } as const;
      const exact = contextOf({ policy: { rounds: "exact" }, version });
      expect(decide([COPIES], exact)).to.include({ kind: "decline", reason: "rounds-not-wanted" });
      expect(decide([COPIES], contextOf({ policy: { rounds: "exact" } }))).to.include({ kind: "execute-model" });
    });

    it("leaves the round alone when all seats are others'", () => {
      const others = [COPIES, sits(OTHER, 0), sits(OTHER + 1, 1), sits(OTHER + 2, 2), OPENED];
      expect(decide(others)).to.include({ kind: "decline", reason: "taken-by-another" });
      const tidy = { policy: { expireLate: true } };
      expect(decide(others, at(300, tidy))).to.include({ kind: "wait" });
      expect(decide(others, at(340, tidy))).to.include({ kind: "send", send: "tally" });
    });

    it("waits for empty seats until the deadline, then begins without them, or ends the job", () => {
      const two = [COPIES, ANSWERED, salted("copies"), sits(US, 0), sits(OTHER, 1)];
      expect(decide(two)).to.include({ kind: "wait", until: 1101 });
      expect(decide(two, at(1101))).to.include({ kind: "send", send: "open-reveals" });
      expect(decide(two.slice(0, 4), at(1101))).to.include({ kind: "send", send: "expire" });
    });

    it("reveals its recorded answer, and says when it is too late or the salt is not here", () => {
      expect(decide([...committed, OPENED])).to.deep.equal({ kind: "send", send: "reveal", output: OUTPUT });
      expect(decide([...committed, OPENED], at(301))).to.include({ kind: "decline", reason: "reveal-too-late" });
      const unsalted = committed.filter(({ kind }) => kind !== "salted");
      expect(decide([...unsalted, OPENED])).to.include({ kind: "decline", reason: "salt-missing" });
    });

    it("tallies at once if its seat is the first, and else only when the first did not", () => {
      const first = [COPIES, ANSWERED, salted("copies"), sits(US, 0), sits(OTHER, 1), OPENED, reveals(US, 1)];
      expect(decide(first)).to.deep.include({ kind: "wait", until: 301 });
      expect(decide([...first, reveals(OTHER, 0)])).to.include({ kind: "send", send: "tally" });
      expect(decide(allRevealed)).to.include({ kind: "wait", until: 311 });
      expect(decide(allRevealed, at(311))).to.deep.equal({ kind: "send", send: "tally", output: OUTPUT });
    });

    it("settles an answer of its majority, one after the other", () => {
      expect(decide([...allRevealed, agreed], at(711))).to.include({ kind: "send", send: "settle" });
      expect(decide([...allRevealed, agreed, lost(OTHER)], at(701))).to.include({ kind: "send", send: "settle" });
      expect(decide([...allRevealed, agreed], at(701))).to.include({ kind: "wait", until: 711 });
    });

    it("treats the majority's answer as another's if its own was not in it", () => {
      const minority = [...committed, OPENED, reveals(OTHER, 0, "0xff"), reveals(OTHER + 1, 2, "0xff"), reveals(US, 1)];
      const ended: Fact[] = [...minority, { ...agreed, outputHash: kept("0xff") }, lost(US)];
      expect(decide(ended)).to.include({ kind: "decline", reason: "taken-by-another" });
      const on = contextOf({ policy: { challenge: "on" } });
      expect(decide(ended, on)).to.include({ kind: "send", send: "challenge" });
    });

    it("proves its answer when the copies disagree, after those that sit before it", () => {
      const disagreed: Fact[] = [...allRevealed, { kind: "copies-disagreed", log: place(5), dueAt: 1000 }];
      expect(decide(disagreed, at(405))).to.include({ kind: "wait", until: 420 });
      expect(decide(disagreed, at(420))).to.include({ kind: "make-evidence", level: "Zkml" });
      expect(decide([...disagreed, lost(OTHER)], at(405))).to.include({ kind: "make-evidence" });
      expect(decide(disagreed, at(1000))).to.include({ kind: "decline", reason: "evidence-too-late" });
    });
  });

  describe("for a job that a panel judges", () => {
    const version = { levels: ["Vanilla"], hasCircuit: false } as const;
    const offer = { drawn: true, draining: false, freeStake: 10n, jobStake: 1n };
    const judged: Fact[] = [
      open("Vanilla", { callbackGas: 1 }),
      executedBy(OTHER),
      { kind: "panel-called", log: place(3), panelId: "0x0f", seats: 3, dueAt: 900 },
      { kind: "challenged", log: place(3, 1), challenger: `0x${"dd".repeat(20)}`, bond: 1n, dueAt: 1020 },
    ];
    const ours: Fact[] = [ANSWERED, ...judged.map((fact) => (fact.kind === "executed" ? executedBy(US) : fact))];
    const sits = (workerId: number, seat: number): Fact => ({
      kind: "committed",
      log: place(4, seat),
      round: "panel",
      workerId,
      seat,
    });
    const OPENED: FactOf<"reveals-opened"> = { kind: "reveals-opened", log: place(5), round: "panel", dueAt: 950 };
    const reveals = (workerId: number, index: number): Fact => ({
      kind: "revealed",
      log: place(6, index),
      round: "panel",
      workerId,
      outputHash: hash(OUTPUT),
      output: "0x",
    });
    const salted: Fact = { kind: "salted", round: "panel", salt: `0x${"5a".repeat(32)}` };
    const asked = (now = 310, panel: Partial<typeof offer> | { drawn: null } = {}, overrides = {}) =>
      contextOf({ now, version, panel: { ...offer, ...panel }, ...overrides });

    it("runs the version again and commits to what it gives, if it is drawn", () => {
      expect(decide(judged, asked())).to.include({ kind: "execute-model" });
      expect(decide([...judged, ANSWERED], asked())).to.deep.equal({ kind: "draw-salt", round: "panel" });
      expect(decide([...judged, ANSWERED, salted], asked())).to.include({ kind: "send", send: "commit-verdict" });
    });

    it("looks again in the second half of the time if others are drawn", () => {
      const not = { drawn: false };
      expect(decide(judged, asked(310, not))).to.include({ kind: "decline", reason: "not-drawn-yet", until: 601 });
      expect(decide(judged, asked(601, not))).to.include({ kind: "decline", reason: "not-drawn", until: null });
      expect(decide(judged, asked(310, { drawn: null }))).to.include({ reason: "not-drawn-yet", until: 310 });
    });

    const refusals: [string, ReturnType<typeof asked>, string][] = [
      ["it does not serve", asked(310, {}, { serving: false }), "not-serving"],
      ["it wants no rounds", asked(310, {}, { policy: { rounds: "exact" } }), "rounds-not-wanted"],
      ["it would be late", asked(896), "deadline-too-close"],
      ["it drains", asked(310, { draining: true }), "draining"],
      ["its stake is bound", asked(310, { freeStake: 0n }), "stake-too-low"],
      ["the preimage is missing", asked(310, {}, { inputMissing: true }), "input-not-here"],
      ["it has enough to do", asked(310, {}, { working: 4 }), "at-capacity"],
    ];
    for (const [why, context, reason] of refusals)
      it(`takes no seat because ${why}`, () => {
        expect(decide(judged, context)).to.include({ kind: "decline", reason });
      });

    it("reveals its verdict, and ends the panel when all have", () => {
      const seated = [...judged, ANSWERED, salted, sits(US, 0), sits(OTHER + 1, 1)];
      expect(decide(seated, asked(400))).to.include({ kind: "wait", until: 901 });
      expect(decide(seated, asked(901))).to.include({ kind: "send", send: "open-verdicts" });
      expect(decide([...seated, OPENED], asked(910))).to.include({ kind: "send", send: "reveal-verdict" });
      const all = [...seated, OPENED, reveals(US, 0), reveals(OTHER + 1, 1)];
      expect(decide(all, asked(911))).to.include({ kind: "send", send: "resolve" });
    });

    it("is ended anew when what should have ended it began the reveals, for a commitment that came at last", () => {
      const { transactionHash } = signed("resolve", 5);
      const opened: Fact = { ...OPENED, log: { ...place(5), transactionHash } };
      const alone = [...judged, ANSWERED, salted, sits(US, 0), signed("resolve", 5), mined(5), sits(OTHER + 1, 1)];
      const all = [...alone, opened, reveals(US, 0), reveals(OTHER + 1, 1)];
      expect(decide(all, asked(911))).to.include({ kind: "send", send: "resolve" });
    });

    it("is ended by those whose stake it is about, when the panel did not come", () => {
      expect(decide(ours, asked(500))).to.include({ kind: "wait", until: 901 });
      expect(decide(ours, asked(901))).to.include({ kind: "send", send: "resolve" });
      const challengers = judged.map((fact) => (fact.kind === "challenged" ? { ...fact, challenger: KEY } : fact));
      expect(decide(challengers, asked(901))).to.include({ kind: "send", send: "resolve" });
      expect(decide(judged, asked(901))).to.include({ kind: "decline", reason: "taken-by-another" });
    });

    it("owes the callback of an upheld answer, which nobody tried yet", () => {
      const upheld: Fact[] = [
        ...ours,
        { kind: "panel-judged", log: place(7), decided: true, upheld: true },
        { kind: "settled", log: place(7, 1), workerId: US, fee: 1n },
      ];
      expect(decide(upheld, asked(960))).to.deep.include({ kind: "send", send: "retry-callback", output: OUTPUT });
      const delivered: Fact = { kind: "callback-delivered", log: place(2, 5) };
      expect(decide([...upheld, delivered], asked(960))).to.include({ kind: "done" });
    });
  });

  it("counts a job as one that needs proving from the moment its claim is out", () => {
    const owes = (...facts: Fact[]): boolean => owesEvidence(reduce(JOB_ID, facts), US);
    expect(owes(open("Zkml"), ANSWERED)).to.equal(false);
    expect(owes(open("Zkml"), ANSWERED, signed("claim", 3))).to.equal(true);
    expect(owes(open("Zkml"), { kind: "claimed", log: place(2), workerId: US, dueAt: 700 })).to.equal(true);
    expect(owes(open("Zkml"), { kind: "claimed", log: place(2), workerId: OTHER, dueAt: 700 })).to.equal(false);
    expect(owes(open("Vanilla"), ANSWERED, executedBy(US))).to.equal(false);
  });

  it("ends late jobs of others only when told to", () => {
    const late = { now: 1101, offer: null };
    expect(decide([open("Zkml")], contextOf(late))).to.include({ kind: "decline", reason: "deadline-too-close" });
    const tidy = contextOf({ ...late, policy: { expireLate: true } });
    expect(decide([open("Zkml")], tidy)).to.include({ kind: "send", send: "expire" });
  });
});

function hash(output: Hex): Hex {
  return hexOf(keccak256(output));
}

function kept(output: Hex): Hex {
  return hexOf(keptOutputHash(hash(output)));
}

describe("the view of a job", () => {
  it("forgets what a reorganisation revoked and keeps what this worker did", () => {
    const log = place(1);
    const facts: Fact[] = [
      requested(jobAt("Vanilla"), log),
      ANSWERED,
      { kind: "revoked", blockHash: log.blockHash, logIndex: log.logIndex },
    ];
    const view = reduce(JOB_ID, facts);
    expect(view.chain.state).to.equal("Unknown");
    expect(view.answer?.output).to.equal(OUTPUT);
    expect(reduce(JOB_ID, [...facts, requested(jobAt("Vanilla"), place(1, 0, "1"))]).chain.state).to.equal("Requested");
  });

  it("follows the order of the chain, not of reading", () => {
    const settled: Fact = { kind: "settled", log: place(5), workerId: US, fee: 1n };
    const view = reduce(JOB_ID, [settled, requested(jobAt("Vanilla"))]);
    expect(view.chain.state).to.equal("Settled");
  });

  it("is frozen", () => {
    expect(Object.isFrozen(reduce(JOB_ID, [requested(jobAt("Vanilla"))]))).to.equal(true);
  });
});
