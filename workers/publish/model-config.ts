import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { z } from "zod";

import { encodeInput, parseInputAdapter } from "../../circuits/format/adapter.ts";
import { AssayError } from "../../circuits/format/error.ts";
import { ELEMENT_KINDS, type ElementKind } from "../../circuits/format/tensor.ts";
import { problemsIn } from "../../circuits/format/problems.ts";

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
  /** JSON array of sample inputs, as numbers or as text for the input adapter: what scales are chosen on. */
  samples: z.string().optional(),
  /** Least share of sample inputs on which the integer model must choose as the float model does. */
  agreement: z.number().min(0).max(1).optional(),
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
  /** Real values, all inputs of the model laid end to end; undefined if none are given. */
  readonly samples: readonly (readonly number[])[] | undefined;
}

/**
 * Reads an ONNX file with the `assay.json` beside it, if there is one. Throws `FILE_UNREADABLE` or `MODEL_CONFIG`,
 * which lists every problem.
 */
export async function readModelSource(onnxPath: string, configPath?: string): Promise<ModelSource> {
  const onnx = await readBytes(onnxPath);
  const path = configPath ?? join(dirname(onnxPath), "assay.json");
  const text = configPath === undefined ? await readFile(path).catch(() => undefined) : await readBytes(path);
  const config = parseModelConfig(text === undefined ? {} : parseJson(path, text), path);
  const beside = (file: string | undefined) =>
    file === undefined ? Promise.resolve(null) : readBytes(join(dirname(path), file));
  const inputAdapter = await beside(config.adapters.input);
  const samples = await beside(config.samples);
  return {
    name: config.name ?? basename(onnxPath, ".onnx"),
    onnx,
    config,
    inputAdapter,
    outputAdapter: await beside(config.adapters.output),
    samples: samples === null ? undefined : readSamples(parseJson(path, samples), inputAdapter),
  };
}

const sampleList = z.array(z.union([z.string(), z.array(z.number())])).min(1);

/** Sample inputs as numbers; texts go through the adapter. Throws `MODEL_CONFIG`. */
export function readSamples(json: unknown, inputAdapter: Uint8Array | null): number[][] {
  const parsed = sampleList.safeParse(json);
  if (!parsed.success)
    throw new ModelConfigError("MODEL_CONFIG", "samples must be a JSON array of texts or of flat arrays of numbers");
  if (inputAdapter === null && parsed.data.some((sample) => typeof sample === "string"))
    throw new ModelConfigError("MODEL_CONFIG", "samples are texts, but the model has no input adapter");
  const adapter = inputAdapter && parseInputAdapter(parseJson("the input adapter", inputAdapter));
  return parsed.data.map((sample) =>
    typeof sample === "string" ? (adapter === null ? [] : encodeInput(adapter, sample)) : sample,
  );
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
