import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { type Level, levelNumber } from "../level.ts";
import type { VersionTerms } from "../version.ts";

export interface QuoteFeeParameters {
  readonly versionId: string;
  readonly level: Level;
  /** Distinct workers that answer; one when left out. */
  readonly copies?: bigint;
}

export interface QuoteFeeReturnType {
  /**
   * For which as many workers as there are copies may be drawn, royalty and protocol fee included, in the currency's
   * smallest unit; undefined if there are not so many.
   */
  readonly cheapest: bigint | undefined;
  /** Below which the market refuses. */
  readonly royalty: bigint;
  /** How many workers serve, whether they have free stake or not. */
  readonly serving: bigint;
  /** Whether every worker was asked; of very many, only some are. */
  readonly isExhaustive: boolean;
}

const BASIS_POINTS = 10_000n;
/** Places of the list of tickets that are looked at, and how many at once. */
const MOST_PLACES = 1024n;
const PAGE = 256n;

/**
 * What a job of a version costs at a level just now. Throws the contract's `VersionUnknown`.
 *
 * @example
 * const { cheapest } = await quoteFee(client, { versionId, level: "Zkml" });
 */
export async function quoteFee(
  client: Client,
  { versionId, level, copies = 1n }: QuoteFeeParameters,
): Promise<QuoteFeeReturnType> {
  const levelId = levelNumber(level);
  const [terms, basisPoints, { jobStake }, [places, serving]] = await Promise.all([
    read(client, { contract: "modelRegistry", functionName: "terms", args: [versionId] }),
    read(client, { contract: "market", functionName: "protocolFeeBasisPoints", args: [] }),
    read(client, { contract: "market", functionName: "parameters", args: [] }),
    read(client, { contract: "workerRegistry", functionName: "candidates", args: [versionId, levelId] }),
  ]);

  const workerIds = new Set<bigint>();
  const end = places < MOST_PLACES ? places : MOST_PLACES;
  for (let start = 0n; start < end; start += PAGE) {
    const args = [versionId, levelId, start, PAGE] as const;
    const tickets = await read(client, { contract: "workerRegistry", functionName: "ticketsOf", args });
    for (const { live, workerId } of tickets) if (live) workerIds.add(workerId);
  }
  const found = await Promise.all([...workerIds].map((workerId) => priceOf(client, workerId, jobStake)));
  const prices = found.flat().toSorted((left, right) => (left < right ? -1 : 1));
  // The dearest of the workers that are needed decides.
  const price = prices[Number(copies) - 1];
  const work = { workUnits: terms.workUnits * copies, royalty: terms.royalty };
  return {
    cheapest: price === undefined ? undefined : feeFor(price, work, basisPoints),
    royalty: terms.royalty,
    serving,
    isExhaustive: places <= MOST_PLACES,
  };
}

/** What a worker asks; nothing if it is suspended or has no stake left for a job. */
async function priceOf(client: Client, workerId: bigint, jobStake: bigint): Promise<bigint[]> {
  const [worker, standing] = await Promise.all([
    read(client, { contract: "workerRegistry", functionName: "workerOf", args: [workerId] }),
    read(client, { contract: "market", functionName: "standingOf", args: [workerId] }),
  ]);
  const free = worker.stake - worker.reserved;
  return !standing.suspended && free >= standing.bound + jobStake ? [worker.price] : [];
}

/** The least fee of which, after royalty and protocol fee (rounded down), a worker with this price keeps what it asks. */
export function feeFor(price: bigint, terms: Pick<VersionTerms, "workUnits" | "royalty">, basisPoints: bigint): bigint {
  // The protocol takes no part of the royalty.
  if (price === 0n) return terms.royalty;
  const net = price * terms.workUnits + terms.royalty;
  let fee = (net * BASIS_POINTS) / (BASIS_POINTS - basisPoints);
  // Rounding may leave the quotient one short of, or one beyond, the least fee that suffices.
  while (fee - (fee * basisPoints) / BASIS_POINTS < net) fee += 1n;
  while (fee > net && fee - 1n - ((fee - 1n) * basisPoints) / BASIS_POINTS >= net) fee -= 1n;
  return fee;
}
