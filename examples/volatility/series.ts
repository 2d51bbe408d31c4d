import { simulate, type Day } from "./process.ts";

/** Returns that the model sees, oldest first. */
export const WINDOW = 16;

export const TRAINING_DAYS = 40_000;
const TEST_DAYS = 10_000;

/** A day to forecast. */
export interface Task {
  /** [WINDOW], the returns before the day. */
  readonly window: Float32Array;
  readonly day: Day;
}

export interface Series {
  /** Every day, in order: the first `TRAINING_DAYS` to train on, the rest to test on. */
  readonly days: readonly Day[];
  readonly train: readonly Task[];
  readonly test: readonly Task[];
}

export function readSeries(): Series {
  const days = simulate(TRAINING_DAYS + TEST_DAYS);
  const changes = Float32Array.from(days, ({ change }) => change);
  const tasks = days.flatMap((day, at) => (at < WINDOW ? [] : [{ window: changes.subarray(at - WINDOW, at), day }]));
  const border = TRAINING_DAYS - WINDOW;
  return { days, train: tasks.slice(0, border), test: tasks.slice(border) };
}
