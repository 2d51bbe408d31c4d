import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "pino";

export interface StopOptions {
  /** Seconds to wait for unfinished jobs, in which no new ones are taken. Default 0. */
  readonly finishWithin?: number;
}

export interface Stopping {
  /** The worker takes no new jobs any more. */
  readonly isClosing: () => boolean;
  /** May be called again: without time to finish, that ends the waiting of an earlier call. */
  readonly stop: (options?: StopOptions) => Promise<void>;
}

export interface StoppingOptions {
  /** Jobs that a stop now would leave in the middle. */
  readonly unfinished: () => number;
  /** Milliseconds between looks at them. */
  readonly pause: number;
  readonly stopNow: () => Promise<void>;
  readonly logger: Logger;
}

/** From at work to closing, which takes no new jobs and finishes those it is bound to, to stopped. What is left is for the next start. */
export function createStopping({ unfinished, pause, stopNow, logger }: StoppingOptions): Stopping {
  const impatience = new AbortController();
  let closing = false;

  const finish = async (seconds: number): Promise<void> => {
    const until = Date.now() + seconds * 1000;
    logger.info({ unfinished: unfinished(), seconds }, "finishing what this worker is bound to");
    while (!impatience.signal.aborted && Date.now() < until && unfinished() > 0)
      await sleep(pause, undefined, { signal: impatience.signal }).catch(() => undefined);
    if (unfinished() > 0) logger.warn({ unfinished: unfinished() }, "left to the next start, which must be in time");
  };

  return {
    isClosing: () => closing,
    async stop({ finishWithin = 0 } = {}) {
      closing = true;
      if (finishWithin > 0) await finish(finishWithin);
      else impatience.abort();
      await stopNow();
    },
  };
}
