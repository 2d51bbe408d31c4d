/**
 * The heartbeat of the work loop: when it last went round, and whether the round got through.
 *
 * **alive**: the loop goes round, though perhaps without success: a node that is away is no reason to start the worker again.
 * **ready**: the last rounds got through, and the worker takes jobs.
 */
export interface Heartbeat {
  /** A round began. */
  began(): void;
  /** It read the chain up to the newest block; chain time in seconds. */
  succeeded(chainTime: number): void;
  failed(code: string): void;
  latest(): Beat;
}

export interface Beat {
  /** By this machine's clock, in milliseconds: the last round's begin or failure, and the last success. */
  readonly wentRoundAt: number;
  readonly succeededAt: number | null;
  /** Of the newest block at the last success, in seconds. */
  readonly chainTime: number | null;
  /** Why the last round failed; null if it did not. */
  readonly failure: string | null;
}

export function createHeartbeat(clock: () => number = Date.now): Heartbeat {
  let beat: Beat = { wentRoundAt: clock(), succeededAt: null, chainTime: null, failure: null };
  return {
    began() {
      beat = { ...beat, wentRoundAt: clock() };
    },
    succeeded(chainTime) {
      beat = { wentRoundAt: clock(), succeededAt: clock(), chainTime, failure: null };
    },
    failed(code) {
      beat = { ...beat, wentRoundAt: clock(), failure: code };
    },
    latest: () => beat,
  };
}

export interface Health {
  readonly alive: boolean;
  readonly ready: boolean;
  /** Why it is not ready, or not alive. */
  readonly reasons: readonly string[];
}

/** Milliseconds. Catching up with a long stretch of chain is one round, in which every range counts as a beat. */
const STUCK_AFTER = 10 * 60_000;
const STALE_AFTER = 60_000;

export function healthOf(beat: Beat, closing: boolean, now: number): Health {
  const { wentRoundAt, succeededAt, failure } = beat;
  const stuck = now - wentRoundAt > STUCK_AFTER;
  const reasons = [
    ...(stuck ? [`the work loop has not gone round for ${seconds(now - wentRoundAt)} s`] : []),
    ...(closing ? ["it is stopping and takes no new jobs"] : []),
    ...(succeededAt === null ? ["it has not caught up with the chain yet"] : []),
    ...(succeededAt !== null && now - succeededAt > STALE_AFTER
      ? [`it last read the chain ${seconds(now - succeededAt)} s ago${failure === null ? "" : `: ${failure}`}`]
      : []),
  ];
  return { alive: !stuck, ready: reasons.length === 0, reasons };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000);
}
