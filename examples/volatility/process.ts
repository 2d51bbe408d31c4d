import { createRandom } from "../training/prng.ts";

/**
 * Daily returns r in percent whose variance v follows GJR-GARCH(1,1) (Glosten, Jagannathan and Runkle 1993):
 * r = sqrt(v) z with z standard normal, and next v = BASE + (RISE + FALL [r < 0]) r^2 + MEMORY v. Falls unsettle the
 * market more than rises, and the variance returns to BASE / (1 - RISE - FALL / 2 - MEMORY) = 1.
 */
export const PROCESS = { base: 0.06, rise: 0.04, fall: 0.16, memory: 0.82 } as const;

const SEED = 1993;
/** Returns are quoted to a thousandth of a percent, which is also what the model is told. */
const QUOTED = 1000;

export interface Day {
  /** Percent. */
  readonly change: number;
  /** What its variance was the evening before: the best forecast there is. */
  readonly variance: number;
}

export function simulate(days: number): Day[] {
  const random = createRandom(SEED);
  let variance = 1;
  return Array.from({ length: days }, () => {
    const day = { change: Math.round(Math.sqrt(variance) * random.normal() * QUOTED) / QUOTED, variance };
    const { base, rise, fall, memory } = PROCESS;
    variance = base + (day.change < 0 ? rise + fall : rise) * day.change ** 2 + memory * variance;
    return day;
  });
}
