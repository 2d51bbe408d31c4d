/**
 * The process in which snarkjs proves. It is a process and not a thread because snarkjs's curve threads start only from
 * a main thread. The first message is the proving key; every other one is a witness (.wtns) and is answered by a proof
 * or by the reason why there is none, in the same order. It ends when the parent hangs up.
 */
import { buildBn128 } from "ffjavascript";
import { groth16, type SnarkjsProof } from "snarkjs";

export interface KeyMessage {
  readonly zkey: Uint8Array;
  readonly singleThread: boolean;
}

export interface WitnessMessage {
  readonly wtns: Uint8Array;
}

export type AnswerMessage = { readonly proof: SnarkjsProof; readonly signals: string[] } | { readonly problem: string };

let key: KeyMessage | undefined;

async function prove({ wtns }: WitnessMessage): Promise<AnswerMessage> {
  if (key === undefined) return { problem: "a witness arrived before the proving key" };
  try {
    const options = { singleThread: key.singleThread };
    const { proof, publicSignals } = await groth16.prove(
      { type: "mem", data: key.zkey },
      { type: "mem", data: wtns },
      undefined,
      options,
    );
    return { proof, signals: publicSignals };
  } catch (problem) {
    return { problem: problem instanceof Error ? problem.message : String(problem) };
  }
}

let last: Promise<unknown> = Promise.resolve();

process.on("message", (message: KeyMessage | WitnessMessage) => {
  if ("zkey" in message) {
    key = message;
    /** The curve's threads start while the first witness is still being computed, and stay. */
    if (!key.singleThread) last = buildBn128(false);
  } else last = last.then(async () => process.send?.(await prove(message)));
});

process.on("disconnect", () => {
  if (key?.singleThread === false) void last.then(async () => (await buildBn128(false)).terminate());
});
