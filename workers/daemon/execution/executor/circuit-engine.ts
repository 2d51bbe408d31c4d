import { hexlify, keccak256 } from "ethers";

import { decodeGraph } from "../../../../circuits/compiler/graph/encode-graph.ts";
import { evaluate } from "../../../../circuits/compiler/graph/evaluate.ts";
import { lower } from "../../../../circuits/compiler/lower/lower.ts";
import { visibilityOf } from "../../../../circuits/format/manifest.ts";
import { packTensors, unpackTensors } from "../../../../circuits/format/tensor.ts";
import { ALL_PUBLIC, packOutput } from "../../../../circuits/format/visibility.ts";
import type { Prover } from "../../../../circuits/toolchain/prover.ts";
import { WorkerError } from "../../worker-error.ts";
import type { Engine, EngineParts } from "./engine.ts";

export interface CircuitParts extends EngineParts {
  /** A prover with the version's key, made at the first proof: keys are large, and answers do not wait for them. */
  readonly openProver: () => Promise<Pick<Prover, "prove">>;
}

/** The integer reference answers for versions with a circuit, and the circuit proves. */
export function openCircuitEngine({ versionId, manifest, program, openProver }: CircuitParts): Engine {
  const { inputs, outputs } = manifest;
  const visibility = visibilityOf(manifest);
  const graph = decodeGraph(program);
  const { input: hidesInput, output: hidesOutput } = graph.visibility ?? ALL_PUBLIC;
  if (hidesInput !== visibility.input || hidesOutput !== visibility.output)
    throw new WorkerError("VERSION_INCONSISTENT", `manifest and graph of ${versionId} disagree on what is public`);
  const circuit = lower(graph);
  let proving: ReturnType<CircuitParts["openProver"]> | undefined;
  const prover: CircuitParts["openProver"] = () =>
    (proving ??= openProver().catch((error: unknown) => {
      proving = undefined;
      throw error;
    }));
  return {
    run: (input) => Promise.resolve(packTensors(outputs, evaluate(graph, unpackTensors(inputs, input)))),
    async prove({ input, salt, binding, output }) {
      const { witness, outputs: values } = circuit.witness(unpackTensors(inputs, input), binding, salt);
      if (keccak256(packOutput(visibility, outputs, values, salt)) !== keccak256(hexlify(output)))
        throw new WorkerError("PROOF_MISMATCH", "the witness program gives another output than the recorded answer");
      return (await prover()).prove(witness);
    },
  };
}
