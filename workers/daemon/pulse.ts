/** When the next round of the work loop begins: after an interval, or at once if something woke it. */
export interface Pulse {
  /** Ends the present pause, or lets the next one end at once. */
  wake(): void;
  /** Resolves when it is time, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

/** @param interval Milliseconds between rounds. */
export function createPulse(interval: number): Pulse {
  let isWoken = false;
  let end: (() => void) | undefined;
  return {
    wake() {
      isWoken = true;
      end?.();
    },
    async next(signal) {
      if (!isWoken && !signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, interval);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener("abort", end, { once: true });
        });
      if (end !== undefined) signal.removeEventListener("abort", end);
      end = undefined;
      isWoken = false;
    },
  };
}
