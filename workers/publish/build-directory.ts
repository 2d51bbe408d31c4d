import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  decodeGraph,
  emitCircom,
  encodeGraph,
  formatReport,
  lower,
  type Compilation,
  type IntegerGraph,
} from "../../circuits/compiler/index.ts";
import { AssayError } from "../../circuits/format/error.ts";
import type { NamedTensorSpec } from "../../circuits/format/manifest.ts";
import type { ModelSource } from "./model-config.ts";

const FILES = {
  model: "model.onnx",
  graph: "graph.json",
  circuit: "circuit.circom",
  interface: "interface.json",
  report: "report.txt",
  reportJson: "report.json",
  inputAdapter: "input-adapter.json",
  outputAdapter: "output-adapter.json",
  zkey: "circuit.zkey",
  verificationKey: "verification-key.bin",
} as const;

export class BuildDirectoryError extends AssayError {
  declare readonly code: "BUILD_DIRECTORY";
}

/** What `assay compile` leaves behind, and `run`, `prove` and `verify` pick up. */
export interface Build {
  readonly directory: string;
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly graph: IntegerGraph;
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly NamedTensorSpec[];
  readonly inputAdapter: Uint8Array | null;
  readonly outputAdapter: Uint8Array | null;
}

/** Proving and verification key of a build. */
export interface BuildKeys {
  readonly zkey: Uint8Array;
  readonly verificationKey: Uint8Array;
}

export async function writeBuild(directory: string, source: ModelSource, compilation: Compilation): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { name, onnx, inputAdapter, outputAdapter } = source;
  const { inputs, outputs, report } = compilation;
  const files: readonly (readonly [string, string | Uint8Array | null])[] = [
    [FILES.model, onnx],
    [FILES.graph, encodeGraph(compilation.graph)],
    [FILES.circuit, emitCircom(lower(compilation.graph))],
    [FILES.interface, `${JSON.stringify({ name, inputs, outputs }, null, 2)}\n`],
    [FILES.report, `${formatReport(report)}\n`],
    [FILES.reportJson, `${JSON.stringify(report, null, 2)}\n`],
    [FILES.inputAdapter, inputAdapter],
    [FILES.outputAdapter, outputAdapter],
  ];
  for (const [file, content] of files) if (content !== null) await writeFile(join(directory, file), content);
}

/** Throws `BUILD_DIRECTORY` if the directory was not made by `assay compile`. */
export async function readBuild(directory: string): Promise<Build> {
  const facts = JSON.parse(new TextDecoder().decode(await required(directory, FILES.interface))) as Pick<
    Build,
    "name" | "inputs" | "outputs"
  >;
  return {
    directory,
    name: facts.name,
    inputs: facts.inputs,
    outputs: facts.outputs,
    onnx: await required(directory, FILES.model),
    graph: decodeGraph(await required(directory, FILES.graph)),
    inputAdapter: await optional(directory, FILES.inputAdapter),
    outputAdapter: await optional(directory, FILES.outputAdapter),
  };
}

/** null if no keys were made yet. */
export async function readKeys(directory: string): Promise<BuildKeys | null> {
  const zkey = await optional(directory, FILES.zkey);
  const verificationKey = await optional(directory, FILES.verificationKey);
  return zkey && verificationKey && { zkey, verificationKey };
}

export async function writeKeys(directory: string, keys: BuildKeys): Promise<void> {
  await writeFile(join(directory, FILES.zkey), keys.zkey);
  await writeFile(join(directory, FILES.verificationKey), keys.verificationKey);
}

async function required(directory: string, file: string): Promise<Uint8Array> {
  const bytes = await optional(directory, file);
  if (bytes !== null) return bytes;
  throw new BuildDirectoryError(
    "BUILD_DIRECTORY",
    `${directory} has no ${file}; make it with: assay compile model.onnx --out ${directory}`,
    { details: { directory, file } },
  );
}

async function optional(directory: string, file: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(join(directory, file)));
  } catch {
    return null;
  }
}
