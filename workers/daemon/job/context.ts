import type { Hex, Level } from "../facts.ts";
import type { SeenGas } from "./gas-use.ts";
import type { Pace } from "./pace.ts";
import type { Policy } from "./policy.ts";

/** Everything outside a job that the decision depends on: read beforehand, so that deciding is pure. */
export interface Context {
  /** Chain time of the next block, in seconds. */
  readonly now: number;
  /** Number of the newest block. */
  readonly head: number;
  readonly worker: { readonly id: number; readonly key: Hex };
  readonly policy: Policy;
  /** Null for jobs that are over, or neither served nor ours. */
  readonly version: VersionFacts | null;
  /** Whether this worker serves the job's version at the job's level. */
  readonly serving: boolean;
  /** What taking the job would mean; null unless it is `Requested` and served. */
  readonly offer: Offer | null;
  /** What a seat in the job's panel would mean; null unless one is forming and this worker serves. */
  readonly panel: PanelOffer | null;
  /** Seconds that evidence, and the commitments of a panel, may take. */
  readonly evidenceWindow: number;
  /** The enclave's key is enrolled: what it signs now counts. False without an enclave. */
  readonly enclaveReady: boolean;
  /** The job's input is a commitment whose preimage nobody has brought. */
  readonly inputMissing: boolean;
  /** How many other jobs this worker is working on, or owes evidence for. */
  readonly working: number;
  /** What this worker still has to do for its other jobs. */
  readonly duties: readonly Duty[];
  /** How long this machine takes for the job's version. */
  readonly pace: Pace;
  readonly gas: Gas;
  readonly market: Market;
  /** Another worker's answer to this job is among those that this worker checks. */
  readonly sampled: boolean;
  /** Bonds of this worker that challenges of other jobs hold, or are about to. */
  readonly bondsOut: number;
}

/** What one job that is not over still asks of this worker. */
export interface Duty {
  /** Of running and proving. */
  readonly seconds: number;
  /** Chain time at which that must be done and on the chain. */
  readonly dueAt: number;
  /** Of what is still to be sent. */
  readonly gas: bigint;
}

/** What gas costs, and what there is to pay for it. */
export interface Gas {
  /** Wei per unit that a transaction pays now when nothing presses. */
  readonly price: bigint;
  /** Wei of the key that pays. */
  readonly balance: bigint;
  readonly seen: SeenGas;
  /** What a whole coin is worth in the market's currency, in its smallest unit; null: nobody said. */
  readonly coinValue: bigint | null;
}

/** Terms of the market, amounts in its currency. */
export interface Market {
  /** Seconds in which the first drawn worker has priority, and then the second. */
  readonly priorityWindow: number;
  readonly jobStake: bigint;
  readonly challengeBond: bigint;
}

export interface VersionFacts {
  readonly levels: readonly Level[];
  /** The integer reference defines its answer and a proof can show it. */
  readonly hasCircuit: boolean;
  /** The version ended its process again and again; left out if it did not. */
  readonly quarantine?: { readonly seconds: number; readonly why: string } | undefined;
}

/** Amounts in wei. */
export interface Offer {
  /** What a worker that acts now is paid, and at the deadline; a copy's part, royalty and protocol fee deducted. */
  readonly fee: bigint;
  readonly highestFee: bigint;
  /** What this worker asks: its price times the version's work units. */
  readonly price: bigint;
  readonly draining: boolean;
  readonly freeStake: bigint;
  /** Stake that an answer binds. */
  readonly jobStake: bigint;
  /** Null: unknown until the next block. */
  readonly turn: Turn | null;
}

/** Whose turn a job is. */
export interface Turn {
  /** 0 while the first drawn worker has priority, 1 for the second, 2 when anybody may act. */
  readonly rank: number;
  /** Who has priority; 0: whoever serves may act, this worker among them. */
  readonly holder: number;
  /** When this ends, in seconds. */
  readonly until: number;
}

export interface PanelOffer {
  /** Null: unknown until the next block. */
  readonly drawn: boolean | null;
  readonly draining: boolean;
  readonly freeStake: bigint;
  readonly jobStake: bigint;
}
