import { expect } from "chai";
import fc from "fast-check";

import type { Fact, Level } from "../../../../workers/daemon/facts.ts";
import type { Action } from "../../../../workers/daemon/job/action.ts";
import type { Duty } from "../../../../workers/daemon/job/context.ts";
import { nextAction } from "../../../../workers/daemon/job/next-action.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { ANSWERED, contextOf, JOB_ID, jobAt, requested, US } from "../sample-job.ts";

const SAFETY = 5;
const TURN = { rank: 2, holder: US, until: 100_000 };
/** Whatever the draw, a quick machine: only time decides. */
const calm = (overrides: Parameters<typeof contextOf>[0] = {}) =>
  contextOf({ offer: { turn: TURN }, evidenceWindow: 100_000, ...overrides });
const duty = (seconds: number, dueAt: number): Duty => ({ seconds, dueAt, gas: 0n });
const isTaken = (action: Action): boolean =>
  action.kind === "execute-model" || action.kind === "make-evidence" || action.kind === "send";

describe("a worker that looks at the clock", () => {
  const decide = (level: Level, context: ReturnType<typeof contextOf>, facts: readonly Fact[] = []) =>
    nextAction(reduce(JOB_ID, [requested(jobAt(level)), ...facts]), context);

  it("declines a job that it could not finish even if there were nothing else", () => {
    const pace = { answer: 10, Tee: 1, Zkml: 60 };
    expect(decide("Zkml", calm({ now: 1024, pace }))).to.include({ kind: "execute-model" });
    expect(decide("Zkml", calm({ now: 1025, pace }))).to.include({ reason: "deadline-too-close", until: null });
    expect(decide("Vanilla", calm({ now: 1084, pace }))).to.include({ kind: "execute-model" });
    expect(decide("Vanilla", calm({ now: 1085, pace }))).to.include({ reason: "deadline-too-close" });
  });

  it("declines a job for as long as the work ahead of it would make it late", () => {
    const pace = { answer: 0, Tee: 1, Zkml: 100 };
    const busy = calm({ now: 200, pace, duties: [duty(400, 5000), duty(400, 5000)] });
    expect(decide("Zkml", busy)).to.include({ kind: "decline", reason: "queue-too-long", until: 210 });
    const side = calm({ now: 200, pace, duties: busy.duties, policy: { parallel: 2 } });
    expect(decide("Zkml", side)).to.include({ kind: "execute-model" });
  });

  it("declines a job that would make another one late", () => {
    const pace = { answer: 0, Tee: 1, Zkml: 100 };
    const owed = calm({ now: 200, pace, duties: [duty(100, 400)] });
    expect(decide("Zkml", owed)).to.include({ reason: "queue-too-long" });
    expect(decide("Zkml", calm({ now: 200, pace, duties: [duty(100, 406)] }))).to.include({ kind: "execute-model" });
  });

  it("does not idle because another job is too late anyway", () => {
    const pace = { answer: 0, Tee: 1, Zkml: 100 };
    expect(decide("Zkml", calm({ now: 200, pace, duties: [duty(100, 205)] }))).to.include({ kind: "execute-model" });
  });

  it("gives no Vanilla answer that it could not prove within the window, and claims nothing that it could not", () => {
    const slow = { evidenceWindow: 600, pace: { answer: 1, Tee: 1, Zkml: 595 } };
    expect(decide("Vanilla", calm(slow))).to.include({ kind: "decline", reason: "too-slow", until: null });
    expect(decide("Zkml", calm({ ...slow, policy: { claim: "racing" } }))).to.include({ reason: "too-slow" });
    expect(decide("Zkml", calm(slow)), "without a claim only the deadline counts").to.include({
      kind: "execute-model",
    });
  });

  it("hands over what is ready, however much is ahead", () => {
    const busy = calm({ now: 200, duties: [duty(10_000, 300)] });
    expect(decide("Vanilla", busy, [ANSWERED])).to.include({ kind: "send", send: "execute" });
  });

  it("never accepts what it cannot finish in time, nor what would make late what it accepted, in whatever order the machine works", () => {
    const arrivals = fc.array(
      fc.record({
        level: fc.constantFrom<Level>("Vanilla", "Tee", "Zkml"),
        after: fc.integer({ min: 0, max: 40 }),
        seconds: fc.integer({ min: 1, max: 120 }),
        left: fc.integer({ min: 1, max: 600 }),
        order: fc.nat(1000),
      }),
      { minLength: 1, maxLength: 40 },
    );
    let accepted = 0;
    let declined = 0;
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 3 }), (jobs, parallel) => {
        const machine = createMachine(parallel);
        let now = 200;
        for (const { level, after, seconds, left, order } of jobs) {
          now += after;
          machine.workUntil(now);
          const job = jobAt(level, { deadline: now + left });
          const pace = {
            answer: level === "Vanilla" ? seconds : 0,
            Tee: seconds,
            Zkml: level === "Zkml" ? seconds : 0,
          };
          const duties = machine.unfinished().map((one) => duty(one.seconds, one.dueAt));
          const context = calm({ now, pace, duties, policy: { parallel, concurrency: 1000 } });
          const action = nextAction(reduce(JOB_ID, [requested(job)]), context);
          if (isTaken(action)) machine.take({ seconds, dueAt: job.deadline, order });
          isTaken(action) ? accepted++ : declined++;
        }
        machine.workUntil(Number.POSITIVE_INFINITY);
        for (const { endsAt, dueAt } of machine.ended()) expect(endsAt + SAFETY).to.be.below(dueAt);
      }),
      { numRuns: 300 },
    );
    expect(Math.min(accepted, declined), "both were tried").to.be.above(100);
  });
});

interface Piece {
  readonly seconds: number;
  readonly dueAt: number;
  /** Lowest first: what nobody promises. */
  readonly order: number;
}

/** So many places, each with one piece of work at a time; a free one takes the waiting piece of lowest order. */
function createMachine(places: number) {
  let waiting: Piece[] = [];
  let running: (Piece & { readonly endsAt: number })[] = [];
  const ended: (Piece & { readonly endsAt: number })[] = [];
  let clock = 0;
  const begin = (): void => {
    while (running.length < places && waiting.length > 0) {
      const next = waiting.toSorted((one, other) => one.order - other.order)[0];
      if (next === undefined) return;
      waiting = waiting.filter((piece) => piece !== next);
      running.push({ ...next, endsAt: clock + next.seconds });
    }
  };
  return {
    take(piece: Piece): void {
      waiting.push(piece);
      begin();
    },
    workUntil(time: number): void {
      for (;;) {
        const first = running.toSorted((one, other) => one.endsAt - other.endsAt)[0];
        if (first === undefined || first.endsAt > time) break;
        clock = first.endsAt;
        running = running.filter((piece) => piece !== first);
        ended.push(first);
        begin();
      }
      clock = Number.isFinite(time) ? time : clock;
    },
    /** As the worker knows them: not how much of a piece is done. */
    unfinished: (): readonly Piece[] => [...running, ...waiting],
    ended: () => ended,
  };
}
