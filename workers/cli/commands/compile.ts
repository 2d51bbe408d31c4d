import { Command, InvalidArgumentError } from "commander";

import {
  compile,
  type CompileOptions,
  type ElementOptions,
  formatReport,
  formatReportPage,
} from "../../../circuits/compiler/index.ts";
import { readBuild, writeBuild } from "../../publish/build-directory.ts";
import { readModelSource } from "../../publish/model-config.ts";
import { compileOptions } from "../../publish/prepare-version.ts";
import { writeWhole } from "../../publish/write-whole.ts";
import { addElement } from "../element-option.ts";
import { toCount } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { type VisibilityOptions, withVisibility, withVisibilityOptions } from "../visibility-options.ts";

interface Options extends VisibilityOptions {
  readonly out?: string;
  readonly retrainOf?: string;
  readonly html?: string;
  readonly config?: string;
  readonly data?: string;
  readonly accuracy?: number;
  readonly maxError?: number;
  readonly maxConstraints?: number;
  readonly input?: readonly ElementOptions[];
  readonly output?: readonly ElementOptions[];
  readonly weightBits?: number;
  readonly activationBits?: number;
  readonly json: boolean;
}

export function compileCommand(): Command {
  return withVisibilityOptions(new Command("compile"))
    .description("turn an ONNX model into an integer graph and a circuit, and say what proving it will cost")
    .argument("<model.onnx>", "the model, or a folder with a model.onnx; an assay.json beside it is read too")
    .option("--out <directory>", "write graph, Circom source and report here")
    .option("--retrain-of <build>", "build with committed weights of a model of the same shape: its circuit is taken")
    .option("--html <file>", "write the report as a page with pictures")
    .option("--config <file>", "element types and adapters (default: assay.json beside the model)")
    .option("--data <file>", "sample inputs to choose scales on: .npy, .npz by input name, or JSON")
    .option("--accuracy <share>", "least share of samples whose label is the float model's (default: 0.995)", toShare)
    .option("--max-error <share>", "largest error of numbers, as a share of their range (default: 0.01)", toShare)
    .option("--max-constraints <count>", "fail, and say where they go, if more constraints are needed", toCount)
    .option("--input <type>", "kind:bits:decimals of an input, such as uint:8 or int:16:3; once for each", addElement)
    .option("--output <type>", "the same of an output", addElement)
    .option("--weight-bits <bits>", "bits of every weight (default: the fewest that are accurate)", toCount)
    .option("--activation-bits <bits>", "bits of hidden activations (default: the fewest)", toCount)
    .action(async (model: string, options: Options) => {
      const output = createOutput(options.json);
      output.progress(`compiling ${model}`);
      const source = withVisibility(await readModelSource(model, options.config, options.data), options);
      const compilation = compile(source.onnx, {
        ...compileOptions(source),
        ...overrides(options),
        ...(options.retrainOf !== undefined && { retrainOf: (await readBuild(options.retrainOf)).graph }),
      });
      const { report } = compilation;
      if (options.out !== undefined) await writeBuild(options.out, source, compilation);
      if (options.html !== undefined) await writeWhole(options.html, formatReportPage(report));
      output.result({ ok: true, out: options.out ?? null, report, diagnostics: [] }, formatReport(report));
    });
}

/** What the command line says counts more than the model's configuration. */
function overrides(options: Options): Partial<CompileOptions> {
  const { accuracy, maxError, maxConstraints, input, output, weightBits, activationBits } = options;
  return {
    ...(accuracy !== undefined && { agreement: accuracy }),
    ...(maxError !== undefined && { maxError }),
    ...(maxConstraints !== undefined && { maxConstraints }),
    ...(input !== undefined && { inputs: input }),
    ...(output !== undefined && { outputs: output }),
    ...(weightBits !== undefined && { weightBits }),
    ...(activationBits !== undefined && { activationBits }),
  };
}

function toShare(text: string): number {
  const share = Number(text);
  if (text === "" || !(share >= 0 && share <= 1)) throw new InvalidArgumentError("a share is a number from 0 to 1");
  return share;
}
