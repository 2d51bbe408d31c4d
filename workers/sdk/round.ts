import { AbiCoder, dataSlice, keccak256 } from "ethers";

import type { Returned } from "./contracts.ts";

/** A round of commitments: the copies of a job, or the panel that judges a challenged answer. */
export type Round = Returned<"market", "roundOf">;
export type Seat = Returned<"market", "seatOf">;

/** The contracts' phases and seat states in the order of their enums. */
export const ROUND_PHASES = ["None", "Committing", "Revealing", "Closed"] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];
export const SEAT_STATES = ["Committed", "Revealed", "Lost", "Released"] as const;
export type SeatState = (typeof SEAT_STATES)[number];

export function roundPhaseOf({ phase }: Pick<Round, "phase">): RoundPhase {
  return ROUND_PHASES[Number(phase)] ?? "None";
}

export function seatStateOf({ state }: Pick<Seat, "state">): SeatState {
  return SEAT_STATES[Number(state)] ?? "Committed";
}

/** Equal answers that decide: more than half of all seats. */
export function quorumOf({ seats }: Pick<Round, "seats">): bigint {
  return seats / 2n + 1n;
}

/** Round id of the panel that judges a job; the copies of a job have the job's id. */
export function panelIdOf(jobId: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["string", "bytes32"], ["Assay panel", jobId]));
}

export interface CommitmentParts {
  /** Job id, or for a verdict the panel's round id. */
  readonly roundId: string;
  /** Key of the worker that commits. */
  readonly worker: string;
  readonly outputHash: string;
  /** 32 bytes that nobody else can guess. */
  readonly salt: string;
}

/** What `commit` and `commitVerdict` take: an output that stays hidden until it is revealed with its salt. */
export function commitmentOf({ roundId, worker, outputHash, salt }: CommitmentParts): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "address", "bytes32", "bytes32"],
      [roundId, worker, outputHash, salt],
    ),
  );
}

/** What the market keeps of the output hash of a seat that revealed, and tells of a majority: its first 28 bytes. */
export function keptOutputHash(outputHash: string): string {
  return dataSlice(outputHash, 0, 28);
}
