import { AssayError } from "../../circuits/format/error.ts";

/** The levels in the order of the contracts' enum. */
export const LEVELS = ["Vanilla", "Tee", "Zkml"] as const;
export type Level = (typeof LEVELS)[number];

/** The contracts' number of a level. */
export function levelNumber(level: Level): bigint {
  return BigInt(LEVELS.indexOf(level));
}

/** The level of a contract's number. */
export function levelOf(number: bigint): Level {
  const level = LEVELS[Number(number)];
  if (level === undefined) throw new AssayError("LEVEL_UNKNOWN", `level ${number} is none of ${LEVELS.join(", ")}`);
  return level;
}

/** A set of levels as the contracts keep it: bit n is level n. */
export function levelSet(levels: readonly Level[]): bigint {
  return levels.reduce((set, level) => set | (1n << levelNumber(level)), 0n);
}

export function levelsIn(set: bigint): Level[] {
  return LEVELS.filter((level) => hasLevel(set, level));
}

export function hasLevel(set: bigint, level: Level): boolean {
  return ((set >> levelNumber(level)) & 1n) === 1n;
}
