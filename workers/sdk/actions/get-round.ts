import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { quorumOf, type RoundPhase, roundPhaseOf, type SeatState, seatStateOf } from "../round.ts";

export interface GetRoundParameters {
  /** Job id for the copies of a job, `panelIdOf(jobId)` for its panel. */
  readonly roundId: string;
}

export interface GetRoundReturnType {
  readonly phase: RoundPhase;
  /** How many there are to take. */
  readonly seats: bigint;
  /** Equal answers that decide. */
  readonly quorum: bigint;
  /** When the phase can be ended by anyone, in Unix seconds. */
  readonly dueAt: bigint;
  /** Those that are taken, in their order. */
  readonly taken: readonly {
    readonly workerId: bigint;
    readonly state: SeatState;
    /** First 28 bytes of the commitment, or after the reveal of the output's hash. */
    readonly kept: string;
  }[];
}

/**
 * Who sits in a round and how far it is; a round that never began is in phase `None`.
 *
 * @example
 * const { phase, taken } = await getRound(client, { roundId: panelIdOf(jobId) });
 */
export async function getRound(client: Client, { roundId }: GetRoundParameters): Promise<GetRoundReturnType> {
  const round = await read(client, { contract: "market", functionName: "roundOf", args: [roundId] });
  const taken = await Promise.all(
    Array.from({ length: Number(round.commits) }, async (_, index) => {
      const args = [roundId, BigInt(index)] as const;
      const seat = await read(client, { contract: "market", functionName: "seatOf", args });
      return { workerId: seat.workerId, state: seatStateOf(seat), kept: seat.kept };
    }),
  );
  return { phase: roundPhaseOf(round), seats: round.seats, quorum: quorumOf(round), dueAt: round.dueAt, taken };
}
