import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import {
  decodeGraph,
  emitCircom,
  encodeGraph,
  formatReport,
  formatReportPage,
  lower,
  type Compilation,
  type IntegerGraph,
} from "../../circuits/compiler/index.ts";
import { AssayError } from "../../circuits/format/error.ts";
import type { NamedTensorSpec } from "../../circuits/format/manifest.ts";
import type { ModelSource } from "./model-config.ts";
import { writeTogether } from "./write-whole.ts";

const FILES = {
  model: "model.onnx",
  graph: "graph.json",
  circuit: "circuit.circom",
  interface: "interface.json",
  report: "report.txt",
  reportJson: "report.json",
  reportPage: "report.html",
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

/** Whether a folder is a build, or what is left of one, and not just one with a model in it. */
export async function isBuildDirectory(path: string): Promise<boolean> {
  const found = await readdir(path).catch(() => undefined);
  return found !== undefined && (found.includes(FILES.graph) || !found.includes(FILES.model));
}

/** Proving and verification key of a build. */
export interface BuildKeys {
  readonly zkey: Uint8Array;
  readonly verificationKey: Uint8Array;
}

/**
 * Writes all files of a build or none; there is no Circom source if the model is too big to prove. Keys that lie there stay
 * if they are of the same graph and go if they are not. Throws `FILE_UNWRITABLE`.
 */
export async function writeBuild(directory: string, source: ModelSource, compilation: Compilation): Promise<void> {
  const { name, onnx, inputAdapter, outputAdapter } = source;
  const { inputs, outputs, report } = compilation;
  const graph = encodeGraph(compilation.graph);
  const files: readonly (readonly [string, string | Uint8Array | null])[] = [
    [FILES.model, onnx],
    [FILES.graph, graph],
    [FILES.circuit, report.levels.zkml ? emitCircom(lower(compilation.graph)) : null],
    [FILES.interface, `${JSON.stringify({ name, inputs, outputs }, null, 2)}\n`],
    [FILES.report, `${formatReport(report)}\n`],
    [FILES.reportJson, `${JSON.stringify(report, null, 2)}\n`],
    [FILES.reportPage, formatReportPage(report)],
    [FILES.inputAdapter, inputAdapter],
    [FILES.outputAdapter, outputAdapter],
  ];
  const before = await optional(directory, FILES.graph);
  const kept = files.flatMap(([file, content]) => (content === null ? [] : [[file, content] as const]));
  await writeTogether(directory, kept);
  const stale = files.flatMap(([file, content]) => (content === null ? [file] : []));
  if (before !== null && !Buffer.from(before).equals(graph)) stale.push(FILES.zkey, FILES.verificationKey);
  for (const file of stale) await rm(join(directory, file), { force: true });
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
  await writeTogether(directory, [
    [FILES.zkey, keys.zkey],
    [FILES.verificationKey, keys.verificationKey],
  ]);
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
