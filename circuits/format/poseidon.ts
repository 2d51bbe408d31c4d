import { FIELD_ORDER } from "./interface-words.ts";
import { FULL_ROUNDS, type PoseidonParameters, poseidonParameters } from "./poseidon-parameters.ts";

/** A state before the S-boxes of each round, its constants added; the last one is the result of the permutation. */
export type PoseidonTrace = readonly (readonly bigint[])[];

/**
 * The hash of 1 to 16 field elements: a permutation of them after the capacity element, of which the first element is
 * kept. With a capacity of 0 it is circomlib's.
 */
export function poseidon(inputs: readonly bigint[], capacity = 0n): bigint {
  return tracePoseidon(inputs, capacity).at(-1)?.[0] ?? 0n;
}

/** Every state on the way of `poseidon`. Throws `RangeError` for inputs outside the field or too many of them. */
export function tracePoseidon(inputs: readonly bigint[], capacity: bigint): PoseidonTrace {
  const outside = [capacity, ...inputs].find((input) => input < 0n || input >= FIELD_ORDER);
  if (outside !== undefined) throw new RangeError(`${outside} is no element of the field`);
  const parameters = poseidonParameters(inputs.length + 1);
  const { constants, partialRounds, matrix } = parameters;
  const trace: bigint[][] = [];
  let state = [capacity, ...inputs];
  constants.forEach((added, round) => {
    state = state.map((value, index) => (value + (added[index] ?? 0n)) % FIELD_ORDER);
    trace.push(state);
    state = mix(matrix, isFull(round, partialRounds) ? state.map(fifth) : [fifth(state[0] ?? 0n), ...state.slice(1)]);
  });
  trace.push(state);
  return trace;
}

export function isFull(round: number, partialRounds: PoseidonParameters["partialRounds"]): boolean {
  const half = FULL_ROUNDS / 2;
  return round < half || round >= half + partialRounds;
}

function fifth(value: bigint): bigint {
  const square = (value * value) % FIELD_ORDER;
  return (((square * square) % FIELD_ORDER) * value) % FIELD_ORDER;
}

function mix(matrix: PoseidonParameters["matrix"], state: readonly bigint[]): bigint[] {
  return matrix.map((row) => {
    let sum = 0n;
    row.forEach((weight, index) => (sum += weight * (state[index] ?? 0n)));
    return sum % FIELD_ORDER;
  });
}
