import { Command } from "commander";

import { compile, evaluate } from "../../../circuits/compiler/index.ts";
import { decodeOutput, parseOutputAdapter } from "../../../circuits/format/adapter.ts";
import { openOnnxModel } from "../../daemon/execution/onnx-run.ts";
import { isBuildDirectory, readBuild, type Build } from "../../publish/build-directory.ts";
import { readModelSource } from "../../publish/model-config.ts";
import { compileOptions } from "../../publish/prepare-version.ts";
import { readInputs, toIntegers, type InputOptions } from "../inputs.ts";
import { createOutput } from "../output.ts";

interface Options extends InputOptions {
  readonly config?: string;
  readonly json: boolean;
}

export function runCommand(): Command {
  return new Command("run")
    .description("run a model on an input: the integer answer and ONNX Runtime's, side by side; no chain needed")
    .argument("<model>", "an ONNX file, a folder with a model.onnx, or a directory written by assay compile --out")
    .option("--input <file>", "JSON array of the input's values")
    .option("--text <text>", "text for the model's input adapter")
    .option("--config <file>", "for an ONNX file: element types and adapters (default: assay.json beside it)")
    .action(async (model: string, options: Options) => {
      const output = createOutput(options.json);
      const build = await openModel(model, options.config);
      const values = await readInputs(options, build.inputs, build.inputAdapter);
      const inputs = build.inputs.map((spec, index) => toIntegers(values[index] ?? [], spec));
      const integer = evaluate(build.graph, inputs);
      const float = await runFloat(build, inputs);
      const outputs = build.outputs.map((spec, index) => ({
        name: spec.name,
        integer: integer[index] ?? [],
        float: float[index] ?? [],
        ...(build.outputAdapter && { text: toText(build.outputAdapter, integer[index] ?? []) }),
      }));
      const agree = outputs.every((each) => each.integer.join() === each.float.join());
      const lines = outputs.flatMap((each) => [
        `${each.name}${each.text === undefined ? "" : `: ${each.text}`}`,
        `  integer ${each.integer.join(" ")}`,
        `  float   ${each.float.join(" ")}`,
      ]);
      output.result({ ok: true, outputs, agree, diagnostics: [] }, lines.join("\n"));
    });
}

type Model = Pick<Build, "graph" | "inputs" | "outputs" | "onnx" | "inputAdapter" | "outputAdapter">;

async function openModel(path: string, config: string | undefined): Promise<Model> {
  if (await isBuildDirectory(path)) return readBuild(path);
  const source = await readModelSource(path, config);
  return { ...source, ...compile(source.onnx, compileOptions(source)) };
}

/** ONNX Runtime on the same integers, its outputs rounded to the tensors' decimals. */
async function runFloat(build: Model, inputs: readonly (readonly bigint[])[]): Promise<bigint[][]> {
  const session = await openOnnxModel(build.onnx, build.inputs, build.outputs);
  try {
    return await session.run(inputs);
  } finally {
    await session.close();
  }
}

function toText(adapter: Uint8Array, values: readonly bigint[]): string {
  return decodeOutput(parseOutputAdapter(JSON.parse(new TextDecoder().decode(adapter))), values);
}
