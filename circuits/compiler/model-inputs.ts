import { parseModel } from "./onnx/read-model.ts";
import { checkSupported } from "./passes/check-supported.ts";
import { fixInputs } from "./passes/fix-inputs.ts";

/** An input of a model as its file names it, with a batch of 1. */
export interface ModelInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a model takes, in the order of `CompileOptions.inputs`. Throws what `compile` would throw of the file. */
export function modelInputs(onnx: Uint8Array): readonly ModelInput[] {
  const model = checkSupported(parseModel(onnx));
  const shapes = fixInputs(model);
  return Object.freeze(model.inputs.map(({ name }, index) => Object.freeze({ name, shape: shapes[index] ?? [] })));
}
