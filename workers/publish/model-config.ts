import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { z } from "zod";

import { modelInputs } from "../../circuits/compiler/index.ts";
import { AssayError } from "../../circuits/format/error.ts";
import { ELEMENT_KINDS, type ElementKind } from "../../circuits/format/tensor.ts";
import { problemsIn } from "../../circuits/format/problems.ts";
import { visibilityInput } from "../../circuits/format/visibility.ts";
import { readSamples, type SampleList } from "./sample-data/read-samples.ts";

const element = z.strictObject({
  kind: z.enum(ELEMENT_KINDS as [ElementKind, ...ElementKind[]]),
  bits: z.int(),
  decimals: z.int().min(0).max(18).default(0),
});

const modelConfig = z.strictObject({
  name: z.string().min(1).optional(),
  /** Element types of the graph's inputs and outputs, in their order; shapes come from the ONNX file. */
  inputs: z.array(element).optional(),
  outputs: z.array(element).optional(),
  /** Files beside the configuration that turn text into the input, and the output into text. */
  adapters: z.strictObject({ input: z.string().optional(), output: z.string().optional() }).default({}),
  /** Sample inputs that scales are chosen on, in a .npy, a .npz or a JSON file beside the configuration. */
  samples: z.string().optional(),
  /** Least share of sample inputs on which the integer model must choose as the float model does. */
  agreement: z.number().min(0).max(1).optional(),
  /** Largest error of a numeric output, as a share of its range over the samples. */
  maxError: z.number().min(0).max(1).optional(),
  /** Bits of every weight and of hidden activations; by default the fewest that are accurate. */
  weightBits: z.int().optional(),
  activationBits: z.int().optional(),
  /** What the chain sees of inputs and outputs, and who has the model; by default everybody sees everything. */
  visibility: visibilityInput.optional(),
  /** More constraints than this are an error. */
  maxConstraints: z.int().min(1).optional(),
});
export type ModelConfig = z.infer<typeof modelConfig>;

export class ModelConfigError extends AssayError {
  declare readonly code: "MODEL_CONFIG" | "FILE_UNREADABLE";
}

/** A model as a person has it: the ONNX file, how its elements are typed, and its adapters. */
export interface ModelSource {
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly config: ModelConfig;
  readonly inputAdapter: Uint8Array | null;
  readonly outputAdapter: Uint8Array | null;
  /** Undefined if none are given. */
  readonly samples: SampleList | undefined;
}

/**
 * Reads an ONNX file, or the `model.onnx` in a folder, with the `assay.json` beside it, if there is one, and the samples in `dataPath` or, without that,
 * in the file that the configuration names. Throws `FILE_UNREADABLE`, `MODEL_CONFIG`, which lists every problem,
 * `SAMPLES_INVALID`, or `CompileError` when samples are given for a model that does not compile.
 */
export async function readModelSource(given: string, configPath?: string, dataPath?: string): Promise<ModelSource> {
  const onnxPath = await modelFile(given);
  const onnx = await readBytes(onnxPath);
  const path = configPath ?? join(dirname(onnxPath), "assay.json");
  const text = configPath === undefined ? await readFile(path).catch(() => undefined) : await readBytes(path);
  const config = parseModelConfig(text === undefined ? {} : parseJson(path, text), path);
  const beside = (file: string | undefined) =>
    file === undefined ? Promise.resolve(null) : readBytes(join(dirname(path), file));
  const inputAdapter = await beside(config.adapters.input);
  const samplePath = dataPath ?? (config.samples === undefined ? undefined : join(dirname(path), config.samples));
  return {
    name: config.name ?? basename(onnxPath, ".onnx"),
    onnx,
    config,
    inputAdapter,
    outputAdapter: await beside(config.adapters.output),
    samples:
      samplePath === undefined
        ? undefined
        : readSamples({ path: samplePath, bytes: await readBytes(samplePath) }, modelInputs(onnx), inputAdapter),
  };
}

async function modelFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true ? join(path, "model.onnx") : path;
}

function parseModelConfig(json: unknown, path: string): ModelConfig {
  const parsed = modelConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = problemsIn(parsed.error);
  throw new ModelConfigError("MODEL_CONFIG", `${path} is not valid:\n${problems.join("\n")}`, {
    details: { path, problems },
  });
}

function parseJson(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelConfigError("MODEL_CONFIG", `${path} is not JSON`, { cause, details: { path } });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new ModelConfigError("FILE_UNREADABLE", `cannot read ${path}`, { cause, details: { path } });
  }
}
