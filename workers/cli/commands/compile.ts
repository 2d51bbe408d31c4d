import { Command, InvalidArgumentError } from "commander";

import { compile, formatReport } from "../../../circuits/compiler/index.ts";
import { compileOptions } from "../../publish/prepare-version.ts";
import { writeBuild } from "../../publish/build-directory.ts";
import { readModelSource, readSamples } from "../../publish/model-config.ts";
import { readJson } from "../inputs.ts";
import { createOutput } from "../output.ts";

interface Options {
  readonly out?: string;
  readonly config?: string;
  readonly data?: string;
  readonly agreement?: number;
  readonly json: boolean;
}

export function compileCommand(): Command {
  return new Command("compile")
    .description("turn an ONNX model into an integer graph and a circuit, and say what proving it will cost")
    .argument("<model.onnx>", "the model; an assay.json beside it is read too")
    .option("--out <directory>", "write graph, Circom source and report here")
    .option("--config <file>", "element types and adapters (default: assay.json beside the model)")
    .option("--data <file>", "JSON array of sample inputs (numbers, or texts for the adapter) to choose scales on")
    .option("--agreement <share>", "least agreement with the float model on the samples, 0 to 1", toShare)
    .action(async (model: string, options: Options) => {
      const output = createOutput(options.json);
      output.progress(`compiling ${model}`);
      const read = await readModelSource(model, options.config);
      const samples =
        options.data === undefined ? read.samples : readSamples(await readJson(options.data), read.inputAdapter);
      const source = { ...read, samples };
      const compilation = compile(source.onnx, {
        ...compileOptions(source),
        ...(options.agreement !== undefined && { agreement: options.agreement }),
      });
      if (options.out !== undefined) await writeBuild(options.out, source, compilation);
      const { report } = compilation;
      output.result({ ok: true, out: options.out ?? null, report, diagnostics: [] }, formatReport(report));
    });
}

function toShare(text: string): number {
  const share = Number(text);
  if (text === "" || !(share >= 0 && share <= 1)) throw new InvalidArgumentError("a share is a number from 0 to 1");
  return share;
}
