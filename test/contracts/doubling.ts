import { encodeProof, encodeVerificationKey } from "../../circuits/format/groth16.ts";
import { FIELD_ORDER, interfaceWords } from "../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem } from "../../circuits/format/r1cs.ts";
import { createProver, makeDeveloperKeys } from "../../circuits/toolchain/index.ts";

const INPUT_BITS = 7;
const BINDING = 1;
const WORD = 2;
const BINDING_SQUARED = 3;
const FIRST_BIT = 4;
/** Input and output are the two highest bytes of the only word, and the output is twice the input. */
const INPUT_WEIGHT = (256n + 2n) << 232n;

/** The smallest circuit with the interface of a version: one byte below 128 in, its double out. */
const system: ConstraintSystem = {
  wireCount: FIRST_BIT + INPUT_BITS,
  publicCount: 2,
  constraints: [
    { a: [[BINDING, 1n]], b: [[BINDING, 1n]], c: [[BINDING_SQUARED, 1n]] },
    ...bits().map(([, wire]): Constraint => ({
      a: [[wire, 1n]],
      b: [
        [0, FIELD_ORDER - 1n],
        [wire, 1n],
      ],
      c: [],
    })),
    {
      a: [],
      b: [],
      c: [[WORD, FIELD_ORDER - 1n], ...bits().map(([bit, wire]) => [wire, weight(bit)] as const)],
    },
  ],
};

export interface Doubling {
  /** Encoded for the chain. */
  readonly key: Uint8Array;
  /** A proof, encoded for the chain, that 2 * input was computed for this binding. */
  readonly prove: (binding: bigint, input: number) => Promise<Uint8Array>;
}

let circuit: Promise<Doubling> | undefined;

/** Keys are made once for all tests; proofs of the same statement, too. */
export function doubling(): Promise<Doubling> {
  circuit ??= build();
  return circuit;
}

async function build(): Promise<Doubling> {
  const { zkey, verificationKey } = await makeDeveloperKeys(system);
  const prover = createProver(zkey, { threads: 1 });
  return {
    key: encodeVerificationKey(verificationKey),
    async prove(binding, input) {
      const [word = 0n] = interfaceWords(Uint8Array.of(input), Uint8Array.of(2 * input));
      const witness = [1n, binding, word, (binding * binding) % FIELD_ORDER];
      for (let bit = 0; bit < INPUT_BITS; bit++) witness.push(BigInt((input >> bit) & 1));
      const { proof } = await prover.prove(witness);
      return encodeProof(proof);
    },
  };
}

function bits(): (readonly [bit: number, wire: number])[] {
  return Array.from({ length: INPUT_BITS }, (_, bit) => [bit, FIRST_BIT + bit] as const);
}

function weight(bit: number): bigint {
  return (INPUT_WEIGHT << BigInt(bit)) % FIELD_ORDER;
}
