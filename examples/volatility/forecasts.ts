import type { Day } from "./process.ts";
import { TRAINING_DAYS } from "./series.ts";

/** Error of forecast variances of the test days. */
export interface ForecastError {
  /**
   * Mean of log(variance) + r^2 / variance (quasi-likelihood): what a forecaster who sees returns alone is judged by.
   * Its differences count, not its level.
   */
  readonly quasiLikelihood: number;
  /** Root mean square difference of the volatility (the root of the variance, in percent) to that of the process. */
  readonly volatilityError: number;
}

export function forecastError(variances: readonly number[], days: readonly Day[]): ForecastError {
  const mean = (term: (variance: number, day: Day) => number): number =>
    variances.reduce((sum, variance, at) => sum + term(variance, days[at] ?? { change: 0, variance }), 0) /
    variances.length;
  return {
    quasiLikelihood: mean((variance, { change }) => Math.log(variance) + change ** 2 / variance),
    volatilityError: Math.sqrt(mean((variance, day) => (Math.sqrt(variance) - Math.sqrt(day.variance)) ** 2)),
  };
}

/** Forecasts of the test days by rules that need no model. */
export function simpleForecasts(days: readonly Day[], window: number): Record<string, number[]> {
  const test = days.slice(TRAINING_DAYS);
  const squares = days.map(({ change }) => change ** 2);
  const average = (from: number, to: number): number =>
    squares.slice(from, to).reduce((sum, square) => sum + square, 0) / (to - from);
  const decay = bestDecay(days.slice(0, TRAINING_DAYS));
  const trainingMean = average(0, TRAINING_DAYS);
  return {
    "always the training days' variance": test.map(() => trainingMean),
    [`variance of the last ${window} returns`]: test.map((_, at) =>
      average(TRAINING_DAYS + at - window, TRAINING_DAYS + at),
    ),
    "EWMA, decay 0.94": movingAverage(days, 0.94).slice(TRAINING_DAYS),
    [`EWMA, decay ${decay} (best on the training days)`]: movingAverage(days, decay).slice(TRAINING_DAYS),
    "the process itself": test.map(({ variance }) => variance),
  };
}

/** Exponentially weighted moving average of squared returns over all days before, as RiskMetrics forecasts variance. */
function movingAverage(days: readonly Day[], decay: number): number[] {
  let variance = 1;
  return days.map(({ change }) => {
    const forecast = variance;
    variance = decay * variance + (1 - decay) * change ** 2;
    return forecast;
  });
}

function bestDecay(days: readonly Day[]): number {
  const decays = Array.from({ length: 30 }, (_, at) => (70 + at) / 100);
  const errors = decays.map((decay) => forecastError(movingAverage(days, decay), days).quasiLikelihood);
  return decays[errors.indexOf(Math.min(...errors))] ?? 0;
}
