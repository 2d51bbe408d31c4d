import { expect } from "chai";
import fc from "fast-check";

import { PARAMETERS, passTime, ROYALTY, signatureFor, STATE } from "../fixture.ts";
import {
  at,
  BOND,
  commit,
  type Crowded,
  expectBalanced,
  expectOver,
  FEE,
  load,
  type Play,
  playCopies,
  playPanel,
  purses,
  requestCopies,
  RIGHT,
} from "./rounds-fixture.ts";

const { jobStake, challengeBond } = PARAMETERS;
const RUNS = 25;

type Behaviour = "honest" | "wrong" | "odd" | "silent" | "absent";
const OUTPUTS: Readonly<Record<Behaviour, string>> = {
  honest: RIGHT,
  wrong: "0x07",
  odd: "0x08",
  silent: RIGHT,
  absent: RIGHT,
};

interface Plan {
  readonly hasEvidence: boolean;
  readonly seats: readonly Behaviour[];
  readonly panel: readonly Behaviour[];
  readonly isChallenged: boolean;
  /** Whether an honest worker brings evidence when it could. */
  readonly isProved: boolean;
}

/** What everybody has more of at the end than at the beginning; the challenger sends the bond along. */
interface Outcome {
  readonly requester: bigint;
  readonly challenger: bigint;
  readonly owner: bigint;
  readonly burnt: bigint;
  /** By seat. */
  readonly seats: readonly Fate[];
  readonly panel: readonly Fate[];
  /** What the operator of the seat that showed evidence gets. */
  readonly prover: bigint;
}

interface Fate {
  earned: bigint;
  isLost: boolean;
}

const behaviour = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Behaviour>("honest") },
  { weight: 3, arbitrary: fc.constant<Behaviour>("wrong") },
  { weight: 1, arbitrary: fc.constantFrom<Behaviour>("odd", "silent", "absent") },
);
const plan: fc.Arbitrary<Plan> = fc.record({
  hasEvidence: fc.boolean(),
  seats: fc.array(behaviour, { minLength: 2, maxLength: 7 }),
  panel: fc.array(behaviour, { minLength: 3, maxLength: 3 }),
  isChallenged: fc.boolean(),
  isProved: fc.boolean(),
});

describe("copies and panels of any behaviour", function () {
  this.timeout(300_000);

  it("end as the rules say, to the unit, and hold nothing afterwards", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (chosen) => {
        const base = await load();
        const before = await purses(base);
        const members = await play(base, chosen);
        const after = await purses(base);
        const wanted = outcomeOf(chosen);

        const delta = (of: "requester" | "challenger" | "owner" | "burnt") => after[of] - before[of];
        expect({
          requester: delta("requester"),
          challenger: delta("challenger"),
          owner: delta("owner"),
          burnt: delta("burnt"),
        }).to.deep.equal({
          requester: wanted.requester,
          challenger: wanted.challenger,
          owner: wanted.owner,
          burnt: wanted.burnt,
        });
        const ids = [...acting(chosen.seats).map((_, i) => at(base.crowd, i).id), ...members];
        const fates = [...wanted.seats, ...wanted.panel.slice(0, members.length)];
        for (const [i, id] of ids.entries()) {
          const { earned, isLost } = at(fates, i);
          expect(after.earned.get(id), `earned by ${id}`).to.equal(earned);
          expect(after.counters.get(id)?.[1], `slashes of ${id}`).to.equal(isLost ? 1n : 0n);
        }
        const operators = [...after.operators].map(([id, had]) => had - (before.operators.get(id) ?? 0n));
        expect(operators.reduce((most, had) => (had > most ? had : most))).to.equal(wanted.prover);
      }),
      { numRuns: RUNS, seed: 20_26 },
    );
  });
});

const acting = (seats: readonly Behaviour[]) => seats.filter((seat) => seat !== "absent");
const plays = (seats: readonly Behaviour[]): Play[] =>
  acting(seats).map((seat) => ({ output: OUTPUTS[seat], silent: seat === "silent" }));
const quorumOf = (seats: number) => Math.floor(seats / 2) + 1;

/** Plays the plan to the end of the job, and returns the members of the panel, if there was one. */
async function play(base: Crowded, { hasEvidence, seats, panel, isChallenged, isProved }: Plan): Promise<bigint[]> {
  const { market, crowd, challenger } = base;
  const versionId = hasEvidence ? base.versionId : base.panelVersionId;
  const asked = await requestCopies({ ...base, versionId }, seats.length);
  const step = () => expectBalanced(base, asked);
  const state = async () => Number((await market.statusOf(asked.jobId)).state);
  const waited = async () => passTime((await market.statusOf(asked.jobId)).dueAt);
  let members: bigint[] = [];

  if (acting(seats).length < quorumOf(seats.length)) {
    for (const [i, one] of plays(seats).entries()) await commit(base, asked, at(crowd, i), one.output);
    await step();
    await passTime(asked.terms.deadline);
    await market.expire(asked.job);
    await expectOver(base, asked);
    return members;
  }
  await playCopies(base, asked, plays(seats));
  await step();
  await market.tally(asked.job, "0x");
  await step();
  if ((await state()) === STATE.Executed && isChallenged) {
    await market.connect(challenger).challenge(asked.job, BOND);
    await step();
  }
  if ((await state()) === STATE.Executed) {
    await waited();
    await market.settle(asked.job, "0x");
  } else if ((await state()) === STATE.Challenged && hasEvidence) {
    const honest = acting(seats).indexOf("honest");
    if (isProved && honest !== -1) {
      const prover = at(crowd, honest);
      const signature = await signatureFor(base, asked.job, prover, RIGHT);
      await market.connect(prover.key).fulfill(asked.job, RIGHT, signature);
    } else {
      await waited();
      await market.resolve(asked.job);
    }
  } else if ((await state()) === STATE.Challenged) {
    members = (await playPanel(base, asked, plays(panel))).map(({ id }) => id);
    await step();
    await market.resolve(asked.job);
  }
  await expectOver(base, asked);
  return members;
}

/** The rules, written down a second time. */
function outcomeOf(plan: Plan): Outcome {
  const books = new Books(plan);
  const { seats, isChallenged, hasEvidence } = plan;
  const { sat } = books;
  if (sat.length < quorumOf(seats.length)) return books;

  books.split(books.lose(books.seats, speechless(sat)), "nobody");
  const { best, votes, kinds } = mostSaid(sat);
  const agreed = votes >= quorumOf(seats.length) ? best : undefined;
  if (agreed !== undefined && !isChallenged) books.split(books.settle(agreed, 0n), "nobody");
  else if (agreed === undefined && kinds < 2) return books;
  else if (hasEvidence) judgeByEvidence(books, plan, agreed);
  else judgeByPanel(books, plan, agreed);
  return books;
}

function judgeByEvidence(books: Books, { isProved }: Plan, agreed: string | undefined): void {
  const { sat } = books;
  if (isProved && sat.includes("honest")) {
    const isAccuserRight = agreed !== undefined && agreed !== RIGHT;
    books.split(books.settle(RIGHT, 0n), isAccuserRight ? "challenger" : "prover");
    if (agreed !== undefined) books[isAccuserRight ? "challenger" : "prover"] += challengeBond;
  } else if (agreed !== undefined) {
    books.split(books.lose(books.seats, saying(sat, agreed)), "challenger");
    books.challenger += challengeBond;
  } else {
    books.split(books.lose(books.seats, speaking(sat)), "nobody");
  }
}

function judgeByPanel(books: Books, { panel }: Plan, agreed: string | undefined): void {
  const { sat } = books;
  const bench = acting(panel);
  // A single member never gets to speak.
  const { best, votes } = bench.length < 2 ? { best: undefined, votes: 0 } : mostSaid(bench);
  if (votes < 2 || best === undefined) {
    if (bench.length >= 2) books.split(books.lose(books.panel, speechless(bench)), "nobody");
    if (agreed !== undefined) books.reward(books.seats, saying(sat, agreed), challengeBond);
    return;
  }
  const judges = saying(bench, best);
  books.split(books.lose(books.panel, others(bench, judges)), "nobody");
  if (best === agreed) {
    books.reward(books.panel, judges, challengeBond / 2n);
    books.split(books.settle(agreed, challengeBond - challengeBond / 2n), "nobody");
    return;
  }
  const taken = saying(sat, best).length > 0 ? books.settle(best, 0n) : books.lose(books.seats, speaking(sat));
  const share = taken / 4n;
  books.requester += share;
  books.reward(books.panel, judges, share);
  books.burnt += taken - 2n * share;
  if (agreed === undefined) return;
  books.challenger += challengeBond + share;
  books.burnt -= share;
}

/** An outcome while it is worked out. */
class Books implements Outcome {
  requester = 0n;
  challenger = 0n;
  owner = 0n;
  burnt = 0n;
  prover = 0n;
  readonly sat: readonly Behaviour[];
  readonly seats: Fate[];
  readonly panel: Fate[];
  readonly #asked: bigint;

  constructor({ seats, panel }: Plan) {
    this.sat = acting(seats);
    this.seats = this.sat.map(() => ({ earned: 0n, isLost: false }));
    this.panel = acting(panel).map(() => ({ earned: 0n, isLost: false }));
    this.#asked = BigInt(seats.length);
  }

  split(taken: bigint, winner: "challenger" | "prover" | "nobody"): void {
    const share = winner === "nobody" ? taken / 2n : taken / 4n;
    this.requester += share;
    if (winner !== "nobody") this[winner] += share;
    this.burnt += taken - (winner === "nobody" ? share : 2n * share);
  }

  lose(whom: Fate[], indices: readonly number[]): bigint {
    for (const i of indices) at(whom, i).isLost = true;
    return BigInt(indices.length) * jobStake;
  }

  reward(whom: Fate[], winners: readonly number[], amount: bigint): void {
    const count = BigInt(winners.length);
    for (const [n, i] of winners.entries()) at(whom, i).earned += amount / count + (n === 0 ? amount % count : 0n);
  }

  /** Pays who said that, and takes the stake of who said something else. */
  settle(output: string, bonus: bigint): bigint {
    const winners = saying(this.sat, output);
    const rest = ((FEE - ROYALTY) * BigInt(winners.length)) / this.#asked;
    this.requester -= ROYALTY + rest;
    this.owner += ROYALTY;
    this.reward(this.seats, winners, rest + bonus);
    return this.lose(
      this.seats,
      speaking(this.sat).filter((i) => !winners.includes(i)),
    );
  }
}

const indicesOf = (whom: readonly Behaviour[], isMeant: (one: Behaviour) => boolean) =>
  whom.flatMap((one, i) => (isMeant(one) ? [i] : []));
const speechless = (whom: readonly Behaviour[]) => indicesOf(whom, (one) => one === "silent");
const speaking = (whom: readonly Behaviour[]) => indicesOf(whom, (one) => one !== "silent");
const saying = (whom: readonly Behaviour[], output: string) =>
  indicesOf(whom, (one) => one !== "silent" && OUTPUTS[one] === output);
const others = (whom: readonly Behaviour[], but: readonly number[]) => [...whom.keys()].filter((i) => !but.includes(i));

/** The output that most of those that speak say, how many do, and how many different ones there are. */
function mostSaid(whom: readonly Behaviour[]) {
  const counts = new Map<string, number>();
  for (const one of whom) if (one !== "silent") counts.set(OUTPUTS[one], (counts.get(OUTPUTS[one]) ?? 0) + 1);
  const [best, votes] = [...counts].reduce<readonly [string | undefined, number]>(
    (most, [output, count]) => (count > most[1] ? [output, count] : most),
    [undefined, 0],
  );
  return { best, votes, kinds: counts.size };
}
