import { expect } from "chai";
import fc from "fast-check";

import type { Fact, Hex, Level, SendKind } from "../../../../workers/daemon/facts.ts";
import type { Action } from "../../../../workers/daemon/job/action.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { contextOf, JOB_ID, jobAt, KEY, OTHER, place, requested, US } from "../sample-job.ts";

/** How the world answers one action: a number that each kind of action reads in its own way. */
type Roll = number;

interface History {
  readonly facts: readonly Fact[];
  readonly sends: readonly {
    readonly kind: SendKind;
    readonly output: Hex;
    readonly now: number;
    readonly dueAt: number;
  }[];
  readonly steps: number;
  readonly ended: boolean;
}

const MOST_STEPS = 2000;
const ANSWERS: readonly SendKind[] = ["claim", "execute", "fulfill"];

/** Plays a worker against a world that fails, refuses, reorganises and competes as the rolls say, until it is done. */
// eslint-disable-next-line complexity -- one arm for each kind of action
function play(
  level: Level,
  callbackGas: number,
  challenge: "off" | "on",
  start: number,
  rolls: readonly Roll[],
): History {
  const job = jobAt(level, { callbackGas, callbackAt: callbackGas % 2 === 0 ? "Final" : "Executed" });
  const facts: Fact[] = [requested(job)];
  const sends: History["sends"][number][] = [];
  let now = start;
  let block = 1;
  let nonce = 0;
  let outputs = 0;
  let steps = 0;
  // When the rolls run out the world behaves: everything works at once.
  const roll = (choices: number): number => (rolls[steps] ?? 0) % choices;
  const log = () => place(++block);
  const at = () => now;

  const worldActs = (): void => {
    const { chain } = reduce(JOB_ID, facts);
    if (chain.state !== "Requested") return;
    if (roll(23) === 7) facts.push({ kind: "executed", log: log(), workerId: OTHER, output: "0xee", dueAt: now + 300 });
    if (roll(29) === 11) facts.push({ kind: "claimed", log: log(), workerId: OTHER, dueAt: now + 600 });
  };

  /** The log that a mined send leaves, if the job is in a state that allows it. */
  // eslint-disable-next-line complexity -- one arm for each kind of send
  const effectOf = (send: SendKind, output: Hex): Fact | undefined => {
    const { state } = reduce(JOB_ID, facts).chain;
    const open = state === "Requested" || state === "Claimed";
    switch (send) {
      case "claim":
        return state === "Requested" ? { kind: "claimed", log: log(), workerId: US, dueAt: now + 600 } : undefined;
      case "execute":
        return open ? { kind: "executed", log: log(), workerId: US, output, dueAt: now + 300 } : undefined;
      case "fulfill":
      case "settle":
        return open || state === "Executed" || state === "Challenged"
          ? { kind: "settled", log: log(), workerId: US, fee: 1n }
          : undefined;
      case "challenge":
        return { kind: "challenged", log: log(), challenger: KEY, bond: 1n, dueAt: now + 600 };
      case "expire":
      case "resolve":
        return { kind: "refunded", log: log(), workerId: OTHER, refund: 1n, slashed: 1n };
      case "retry-callback":
        return { kind: "callback-failed", log: log(), reason: "0x" };
      case "enroll":
        return undefined;
    }
  };

  const lookUp = (action: Extract<Action, { kind: "look-up" }>): void => {
    const send = reduce(JOB_ID, facts).sends.find((one) => one.nonce === action.nonce && one.outcome === "pending");
    if (send === undefined) throw new Error("a look-up of nothing");
    const transactionHash = send.bytes.at(-1)?.transactionHash ?? "0x";
    const mined = (ok: boolean): Fact => {
      const { blockNumber, blockHash } = place(block);
      return { kind: "mined", nonce: send.nonce, transactionHash, ok, blockNumber, blockHash, gasUsed: 1n };
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
        const effect = effectOf(action.send, sends.at(-1)?.output ?? "0x");
        if (effect !== undefined) facts.push(effect);
        facts.push(mined(effect !== undefined));
        // Its block may be orphaned later: both go back.
        if (effect !== undefined && "log" in effect && roll(7) === 5) {
          facts.push({ kind: "revoked", blockHash: effect.log.blockHash, logIndex: effect.log.logIndex });
          facts.push({ kind: "unmined", nonce: send.nonce, transactionHash });
        }
      }
    }
  };

  for (; steps < MOST_STEPS; steps++) {
    worldActs();
    const view = reduce(JOB_ID, facts);
    const draw = roll(5) === 3 ? { workerId: OTHER, until: 160 } : { workerId: US, until: 160 };
    const action = nextAction(view, contextOf({ now, policy: { challenge, claim: "racing" }, offer: { draw } }));
    switch (action.kind) {
      case "done":
        return { facts, sends, steps, ended: true };
      case "wait":
        expect(action.until, "a wait that does not wait").to.be.greaterThan(now - 1);
        now = Math.max(now + 1, action.until);
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
        const already = view.sends.some(({ kind, outcome }) => kind === action.send && outcome === "mined");
        expect(already && action.send !== "retry-callback", "a send of what was mined").to.equal(false);
        if (roll(5) === 1) facts.push({ kind: "refused", send: action.send, error: "X", detail: "", at: at() });
        else if (roll(9) === 2) facts.push({ kind: "unfunded", send: action.send, message: "", at: at() });
        else {
          const transactionHash: Hex = `0x${(nonce + 16).toString(16).padStart(64, "0")}`;
          facts.push({
            kind: "signed",
            send: action.send,
            nonce: nonce++,
            transactionHash,
            raw: "0x00",
            maxFeePerGas: 1n,
          });
          sends.push({ kind: action.send, output: action.output, now, dueAt: view.chain.dueAt });
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

describe("a worker in any history", () => {
  const histories = fc.tuple(
    fc.constantFrom<Level>("Vanilla", "Tee", "Zkml"),
    fc.constantFrom(0, 50_000, 50_001),
    fc.constantFrom<"off" | "on">("off", "on"),
    // Anywhere from just after the request to after the deadline, most of all near it.
    fc.oneof(fc.integer({ min: 101, max: 1120 }), fc.integer({ min: 1060, max: 1110 })),
    fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 200 }),
  );
  const always = (check: (history: History) => void): void =>
    fc.assert(
      fc.property(histories, (history) => {
        check(play(...history));
      }),
      { numRuns: 500 },
    );

  it("comes to an end", () => {
    always(({ ended, facts }) => expect(ended, `no end after ${facts.length} facts`).to.equal(true));
  });

  it("gives at most one output to a job", () => {
    always(({ sends }) => {
      const outputs = sends.filter(({ kind }) => kind === "execute" || kind === "fulfill").map(({ output }) => output);
      expect(new Set(outputs).size).to.be.at.most(1);
    });
  });

  it("answers nothing after its deadline", () => {
    always(({ sends }) => {
      for (const { kind, now, dueAt } of sends) if (ANSWERS.includes(kind)) expect(now).to.be.at.most(dueAt);
    });
  });

  it("records a reason whenever it leaves a job that was open to it", () => {
    always(({ facts, sends }) => {
      const { chain, decline } = reduce(JOB_ID, facts);
      if (chain.state === "Requested" && sends.length === 0)
        expect(decline !== null || facts.some(({ kind }) => kind === "answered" || kind === "failed")).to.equal(true);
    });
  });
});
