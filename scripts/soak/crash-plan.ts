import { xorshift } from "../../circuits/compiler/passes/xorshift.ts";
import type { FaultPoint } from "../../workers/daemon/index.ts";
import type { Death } from "../workload/worker-process.ts";

/** Where a worker dies in each of its lives, and how long it is away then. */
export interface CrashPlan {
  /** Asked at each start. */
  death(): Death;
  /** Milliseconds. */
  downFor(): number;
  /** There is nothing left to try. */
  isOver(): boolean;
}

const SHORTEST_LIFE = 5;
const LONGEST_ABSENCE = 3000;

/** @param longestLife In fault points. */
export function randomCrashes(seed: number, longestLife: number): CrashPlan {
  const random = xorshift(seed);
  return {
    death: () => ({ after: SHORTEST_LIFE + Math.floor(random() * (longestLife - SHORTEST_LIFE + 1)) }),
    downFor: () => Math.floor(random() * LONGEST_ABSENCE),
    isOver: () => false,
  };
}

export interface SteppingPlan extends CrashPlan {
  /** Those at which it did not die. */
  left(): readonly FaultPoint[];
}

/** One death at each of the points, in their order. */
export function crashesAt(points: readonly FaultPoint[]): SteppingPlan {
  // The first start asks before any death.
  let starts = 0;
  const left = (): readonly FaultPoint[] => points.slice(Math.max(0, starts - 1));
  return {
    death() {
      starts++;
      const [at] = left();
      return at === undefined ? null : { at };
    },
    downFor: () => 0,
    isOver: () => starts > points.length,
    left,
  };
}
