import type { Logger } from "pino";

import type { OffMarket } from "../../daemon/index.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { anchorReceipts } from "./anchor-receipts.ts";
import { collectVouchers } from "./collect-vouchers.ts";
import { keepAnchors } from "./keep-anchors.ts";

/** How a gateway's money comes in. Times in seconds. */
export interface UpkeepSettings {
  /** Between looks at channels and anchors. */
  readonly every: number;
  /** Least that collecting a voucher must bring in. */
  readonly collectLeast: bigint;
  /** Least receipts of an anchor; null: receipts are not anchored. */
  readonly anchorLeast: number | null;
  readonly anchorUri: string;
  /** How long answers are kept. */
  readonly keep: number;
}

export interface Upkeep {
  /** Does at once what is due; what is under way already is waited for. */
  now(): Promise<void>;
  /** What is under way is left to the next start: all of it may be done again. */
  stop(): void;
}

export interface UpkeepOptions extends UpkeepSettings {
  readonly offMarket: OffMarket;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: () => number;
}

/** Collects, anchors and answers challenges, again and again. What fails is reported, and tried again the next time. */
export function startUpkeep(options: UpkeepOptions): Upkeep {
  const { offMarket, ledger, logger, clock, every, collectLeast, anchorLeast, anchorUri, keep } = options;
  let turn: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;

  const chores: readonly (readonly [string, () => unknown])[] = [
    // First what costs stake when it is late.
    ["keep-anchors", () => keepAnchors(options)],
    ["collect-vouchers", () => collectVouchers({ offMarket, ledger, logger, least: collectLeast })],
    [
      "anchor-receipts",
      () =>
        anchorLeast === null
          ? undefined
          : anchorReceipts({ offMarket, ledger, logger, least: anchorLeast, uri: anchorUri }),
    ],
    ["prune", () => ledger.prune(clock() - keep * 1000)],
  ];
  const round = async (): Promise<void> => {
    for (const [chore, body] of chores) {
      if (isStopping()) return;
      try {
        await body();
      } catch (error) {
        if (!isStopping()) logger.error({ chore, error: String(error) }, "will be tried again");
      }
    }
  };
  const now = (): Promise<void> => (turn = turn.then(round));
  const timer = setInterval(() => void now(), every * 1000);

  return {
    now,
    stop() {
      stopping.abort();
      clearInterval(timer);
    },
  };
}
