import type { Endpoint } from "./chain/endpoint.ts";
import type { Follower } from "./chain/follower.ts";
import type { NodeStatus } from "./chain/node.ts";
import type { DeclineCounts } from "./count-declines.ts";
import type { Economics } from "./economics.ts";
import type { Quarantine, Quarantined } from "./execution/quarantine.ts";
import type { JobBoard } from "./job-board.ts";
import type { Funds } from "./lane/gas-watch.ts";
import { type Beat, type Health, type Heartbeat, healthOf } from "./observe/heartbeat.ts";
import type { StandingWatch, WorkerStanding } from "./standing.ts";

export interface WorkerStatus {
  /** What the market says of this worker, read every `policy.recheckSeconds`; null before the first time. */
  readonly standing: WorkerStanding | null;
  /** Jobs that are not closed. */
  readonly openJobs: number;
  /** The key's coins for gas; null before they were read. */
  readonly funds: Funds | null;
  /** Why jobs were not worked on, and how often, since the journal began. */
  readonly declined: DeclineCounts;
  /** Those of them that are in work, or that something is owed for: a stop leaves them in the middle. */
  readonly unfinishedJobs: number;
  readonly beat: Beat;
  readonly health: Health;
  /** Versions of which no new jobs are taken, because they end their processes. */
  readonly quarantined: readonly Quarantined[];
  /** The newest block that most nodes have; 0 before the first look. */
  readonly head: number;
  readonly nodes: readonly NodeStatus[];
}

/** What watches the market for a worker. */
export interface WatchingParts {
  readonly standing: StandingWatch;
  readonly board: JobBoard;
  readonly economics: Economics;
  readonly quarantine: Quarantine;
  readonly follower: Follower;
  readonly endpoint: Endpoint;
  readonly heartbeat: Heartbeat;
  readonly isClosing: () => boolean;
}

export function statusOf(parts: WatchingParts): WorkerStatus {
  const { standing, board, economics, quarantine, follower, endpoint, heartbeat, isClosing } = parts;
  const beat = heartbeat.latest();
  return {
    standing: standing.latest(),
    openJobs: [...board.entries()].length,
    unfinishedJobs: board.unfinished(),
    quarantined: quarantine.all(),
    head: follower.head(),
    nodes: endpoint.status(),
    funds: economics.funds(),
    declined: economics.declined(),
    beat,
    health: healthOf(beat, isClosing(), Date.now()),
  };
}

/** Of a process that does the tasks of others: it is ready while it runs, and knows of no job by itself. */
export function statusOfHand({ endpoint, quarantine }: Pick<WatchingParts, "endpoint" | "quarantine">): WorkerStatus {
  return {
    standing: null,
    openJobs: 0,
    unfinishedJobs: 0,
    quarantined: quarantine.all(),
    head: 0,
    nodes: endpoint.status(),
    funds: null,
    declined: {},
    beat: { wentRoundAt: Date.now(), succeededAt: null, chainTime: null, failure: null },
    health: { alive: true, ready: true, reasons: [] },
  };
}
