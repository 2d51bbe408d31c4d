/**
 * The process in which snarkjs proves. It is a process and not a thread because snarkjs's curve threads start only from
 * a main thread. The first message is the proving key; every other one is a witness (.wtns) and is answered by a proof
 * that verifies or by the reason why there is none, in the same order. It ends when the parent hangs up.
 */
import { buildBn128 } from "ffjavascript";
import { groth16, type SnarkjsProof } from "snarkjs";

import { type G1, type G2, type Proof, ProofError, type VerificationKey } from "../format/groth16.ts";
import { createVerifier, type Verifier } from "../format/verify-groth16.ts";
import type { ProvenStatement } from "./prover.ts";

export interface KeyMessage {
  readonly zkey: Uint8Array;
  readonly verificationKey: VerificationKey;
  readonly singleThread: boolean;
}

export interface WitnessMessage {
  readonly wtns: Uint8Array;
}

export type AnswerMessage =
  | { readonly kind: "proven"; readonly statement: ProvenStatement }
  | { readonly kind: "invalid" }
  | { readonly kind: "failed"; readonly problem: string };

let key: KeyMessage | undefined;
let verify: Verifier | undefined;
let queue: Promise<unknown> = Promise.resolve();

process.on("message", (message: KeyMessage | WitnessMessage) => {
  queue = "zkey" in message ? load(message) : queue.then(async () => process.send?.(await answer(message)));
});

process.on("disconnect", () => {
  void queue.then(async () => {
    if (key?.singleThread === false) await (await buildBn128(false)).terminate();
  });
});

/** The curve's threads start before the first witness needs them; two starts at once would leave one set orphaned. */
async function load(message: KeyMessage): Promise<void> {
  key = message;
  verify = createVerifier(message.verificationKey);
  if (!message.singleThread) await buildBn128(false);
}

async function answer({ wtns }: WitnessMessage): Promise<AnswerMessage> {
  try {
    if (key === undefined || verify === undefined) throw new Error("a witness arrived before the proving key");
    const statement = await prove(key, wtns);
    return verify(statement.publicSignals, statement.proof) ? { kind: "proven", statement } : { kind: "invalid" };
  } catch (problem) {
    /** A point of a damaged key that is off its curve ends here, in a proof that is off its curve as well. */
    if (problem instanceof ProofError) return { kind: "invalid" };
    return { kind: "failed", problem: problem instanceof Error ? problem.message : String(problem) };
  }
}

async function prove({ zkey, singleThread }: KeyMessage, wtns: Uint8Array): Promise<ProvenStatement> {
  const { proof, publicSignals } = await groth16.prove(
    { type: "mem", data: zkey },
    { type: "mem", data: wtns },
    undefined,
    { singleThread },
  );
  return { proof: readProof(proof), publicSignals: publicSignals.map(BigInt) };
}

function readProof({ pi_a, pi_b, pi_c }: SnarkjsProof): Proof {
  return { a: readG1(pi_a), b: readG2(pi_b), c: readG1(pi_c) };
}

function readG1([x, y]: readonly string[]): G1 {
  if (x === undefined || y === undefined) throw new Error("snarkjs left out a coordinate");
  return [BigInt(x), BigInt(y)];
}

function readG2([x = [], y = []]: readonly (readonly string[])[]): G2 {
  return [readG1(x), readG1(y)];
}
