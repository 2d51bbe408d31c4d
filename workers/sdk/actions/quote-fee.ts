import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { type Level, levelNumber } from "../level.ts";
import type { VersionTerms } from "../version.ts";

export interface QuoteFeeParameters {
  readonly versionId: string;
  readonly level: Level;
}

export interface QuoteFeeReturnType {
  /** Wei at which the cheapest worker that may be drawn does the job, royalty and protocol fee included. */
  readonly cheapest: bigint | undefined;
  /** Wei below which the market refuses. */
  readonly royalty: bigint;
  /** How many workers serve, whether they have free stake or not. */
  readonly serving: bigint;
  /** Whether every worker was asked; of very many, only some are. */
  readonly isExhaustive: boolean;
}

const ANY_PRICE = (1n << 80n) - 1n;
const BASIS_POINTS = 10_000n;
/** Places of the list of workers that are looked at, and how many at once. */
const MOST_PLACES = 256n;
const BATCH = 32n;

/**
 * What a job of a version costs at a level just now. Throws the contract's `VersionUnknown`.
 *
 * @example
 * const { cheapest } = await quoteFee(client, { versionId, level: "Zkml" });
 */
export async function quoteFee(client: Client, { versionId, level }: QuoteFeeParameters): Promise<QuoteFeeReturnType> {
  const levelId = levelNumber(level);
  const [terms, basisPoints, { jobStake }, [length, serving]] = await Promise.all([
    read(client, { contract: "modelRegistry", functionName: "terms", args: [versionId] }),
    read(client, { contract: "market", functionName: "protocolFeeBasisPoints", args: [] }),
    read(client, { contract: "market", functionName: "parameters", args: [] }),
    read(client, { contract: "workerRegistry", functionName: "candidates", args: [versionId, levelId] }),
  ]);

  const priceAt = async (place: bigint): Promise<bigint[]> => {
    const args = [versionId, levelId, place, ANY_PRICE, jobStake] as const;
    const workerId = await read(client, { contract: "workerRegistry", functionName: "candidateAt", args });
    if (workerId === 0n) return [];
    return [(await read(client, { contract: "workerRegistry", functionName: "workerOf", args: [workerId] })).price];
  };

  const prices: bigint[] = [];
  const end = length < MOST_PLACES ? length : MOST_PLACES;
  for (let start = 0n; start < end; start += BATCH) {
    const size = Number(end - start < BATCH ? end - start : BATCH);
    const places = Array.from({ length: size }, (_, index) => start + BigInt(index));
    prices.push(...(await Promise.all(places.map(priceAt))).flat());
  }
  const price = prices.reduce<bigint | undefined>(
    (least, next) => (least === undefined || next < least ? next : least),
    undefined,
  );
  return {
    cheapest: price === undefined ? undefined : feeFor(price, terms, basisPoints),
    royalty: terms.royalty,
    serving,
    isExhaustive: length <= MOST_PLACES,
  };
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
