import { PARAMETERS, passTime, requestJob, type RequestedJob, type WorkerActor } from "../fixture.ts";
import { at, BOND, type Crowded, expectBalanced, FEE, type Play, playCopies, requestCopies } from "./rounds-fixture.ts";

/** A challenged answer of one worker, the first of the crowd, for which no evidence counts. */
export async function challenged(base: Crowded, output: string): Promise<RequestedJob> {
  const { market, crowd, challenger, panelVersionId: versionId } = base;
  const asked = await requestJob({ ...base, versionId }, { minFee: FEE, maxFee: FEE });
  await passTime(asked.terms.requestedAt + 2n * PARAMETERS.priorityWindow);
  await market.connect(at(crowd, 0).key).execute(asked.job, output);
  await market.connect(challenger).challenge(asked.job, BOND);
  await expectBalanced(base, asked);
  return asked;
}

/** Copies for which no evidence counts, tallied. */
export async function copied(base: Crowded, copies: number, plays: readonly Play[]): Promise<RequestedJob> {
  const asked = await requestCopies({ ...base, versionId: base.panelVersionId }, copies);
  await playCopies(base, asked, plays);
  await base.market.tally(asked.job, "0x");
  await expectBalanced(base, asked);
  return asked;
}

/** Its record and what it earned. */
export const standing = async ({ market }: Crowded, { id }: WorkerActor) => {
  const { done, slashed, earned } = await market.standingOf(id);
  return { done, slashed, earned };
};
