import { expect } from "chai";

import { addWorker, ETHER, networkHelpers, served } from "../fixture.ts";
import { askedJobs, chiSquare, drawnNow } from "../market/turns-crowd.ts";

const MINIMUM = ETHER / 10n;
const JOBS = 1_500;
const IDENTITIES = 6;
/** What one run in a billion exceeds, with one degree of freedom. */
const ONE_IN_A_BILLION = 37.4;

/** One worker with eight tickets, and six identities of one operator with a ticket each. */
async function infiltrated() {
  const base = await served();
  const swarm = [];
  for (let index = 1; index <= IDENTITIES; index++)
    swarm.push(await addWorker(base, base.versionId, index, { stake: MINIMUM }));
  return { ...base, swarm };
}

describe("many identities with little stake", function () {
  this.timeout(60_000);

  it("are drawn together as often as their stake together is worth, and no more", async () => {
    const base = await networkHelpers.loadFixture(infiltrated);
    const { asker, jobs } = await askedJobs(base, JOBS);
    const drawn = await drawnNow(base, asker, jobs);
    const honest = drawn.filter((id) => id === base.worker.id).length;
    const statistic = chiSquare([honest, JOBS - honest], [8, IDENTITIES]);
    expect(statistic < ONE_IN_A_BILLION).to.equal(true, `${honest} of ${JOBS} to the one with eight tickets`);
    // By heads they would get six of seven jobs.
    expect(chiSquare([honest, JOBS - honest], [1, IDENTITIES]) > ONE_IN_A_BILLION).to.equal(true);
  });

  it("each need the least stake, so that one stake is not counted twice", async () => {
    const base = await networkHelpers.loadFixture(infiltrated);
    const { workers, swarm, stranger, versionId } = base;
    await expect(
      workers.connect(stranger).register(stranger, 1n, MINIMUM - 1n, { value: MINIMUM - 1n }),
    ).to.be.revertedWithCustomError(workers, "StakeTooLow");
    const [moving = base.worker] = swarm;
    const operator = workers.connect(moving.operator);
    await operator.startUnbonding(moving.id, MINIMUM);
    await expect(operator.withdrawStake(moving.id, moving.operator)).to.be.revertedWithCustomError(
      workers,
      "UnbondingNotOver",
    );
    const tickets = await workers.ticketsOf(versionId, 0, 0, 100);
    expect(tickets.filter(({ workerId, live }) => live && workerId === moving.id).length).to.equal(0);
    expect(tickets.filter(({ live }) => live).length).to.equal(8 + IDENTITIES - 1);
  });
});
