import { packTensors, unpackTensors } from "../../../../circuits/format/tensor.ts";
import { WorkerError } from "../../worker-error.ts";
import { openOnnxModel } from "../onnx-run.ts";
import type { Engine, EngineParts } from "./engine.ts";

/** ONNX Runtime answers for versions without a circuit. */
export async function openOnnxEngine({ versionId, manifest, program }: EngineParts): Promise<Engine> {
  const { inputs, outputs } = manifest;
  const model = await openOnnxModel(program, inputs, outputs);
  return {
    run: async (input) => packTensors(outputs, await model.run(unpackTensors(inputs, input))),
    prove: () =>
      Promise.reject(new WorkerError("MODEL_UNSUPPORTED", `version ${versionId} has no circuit to prove with`)),
  };
}
