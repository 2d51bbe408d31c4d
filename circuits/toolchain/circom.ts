import { execFile } from "node:child_process";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, parse, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

import type { ConstraintSystem } from "../format/r1cs.ts";
import { ToolchainError } from "./error.ts";
import { readR1cs } from "./r1cs-file.ts";

export interface CompileOptions {
  /** What the compiler's messages call the circuit: letters, digits, "-" and "_". */
  readonly name: string;
  /** Where `include` looks, first to last; the package's own templates unless told. */
  readonly includePaths?: readonly string[];
  /** Whether to make Circom's own witness calculator too; default false. */
  readonly calculator?: boolean;
}

export interface CompiledCircuit {
  readonly system: ConstraintSystem;
  /** Wire of every signal that survived simplification, by its full name ("main.layer.out[3]"). */
  readonly symbols: ReadonlyMap<string, number>;
  /** WebAssembly that computes witnesses, as snarkjs runs it; null unless it was asked for. */
  readonly calculator: Uint8Array | null;
}

/** Compiled files lie in dist/, the templates do not. */
const TEMPLATES = fileURLToPath(
  new URL(extname(import.meta.url) === ".ts" ? "../templates" : "../../../circuits/templates", import.meta.url),
);

const LARGEST_OUTPUT = 64 * 1024 * 1024;

/**
 * Compiles Circom source that has a `component main`. Simplification is `--O1`: it renames wires but leaves linear rows
 * alone, which a proving key does not store. Throws `CIRCOM_FAILED` with the compiler's own words, or `CIRCOM_EXHAUSTED` if
 * the source is too large for it: it lives in 4 GB, whatever the machine has.
 */
export async function compileCircom(source: string, options: CompileOptions): Promise<CompiledCircuit> {
  const { name, includePaths = [TEMPLATES], calculator = false } = options;
  if (!/^[\w-]+$/.test(name))
    throw new ToolchainError("CIRCOM_FAILED", `"${name}" cannot name a circuit: use letters, digits, "-" and "_"`);
  const directory = await realpath(await mkdtemp(join(tmpdir(), "assay-circom-")));
  try {
    await writeFile(join(directory, `${name}.circom`), source);
    const outputs = ["--r1cs", "--sym", ...(calculator ? ["--wasm"] : [])];
    await runCircom(directory, name, [...outputs, ...includePaths.flatMap((path) => ["-l", resolve(path)])]);
    const [r1cs, symbols, wasm] = await Promise.all([
      readFile(join(directory, `${name}.r1cs`)),
      readFile(join(directory, `${name}.sym`), "utf8"),
      calculator ? readFile(join(directory, `${name}_js`, `${name}.wasm`)) : null,
    ]);
    return { system: readR1cs(r1cs), symbols: readSymbols(symbols), calculator: wasm };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** circom2's sandbox sees nothing beside or above its working directory, which is therefore the root. */
async function runCircom(directory: string, name: string, options: readonly string[]): Promise<void> {
  const program = createRequire(import.meta.url).resolve("circom2/cli.js");
  const { root } = parse(directory);
  const flags = ["--O1", "-o", directory, ...options];
  const { failure, output } = await run([program, join(directory, `${name}.circom`), ...flags], root);
  if (failure === null) return;
  const complaint = output.replaceAll(relative(root, directory) + sep, "");
  const details = { name, output: complaint };
  if (isExhausted(complaint))
    throw new ToolchainError("CIRCOM_EXHAUSTED", `circom runs out of its 4 GB of memory over ${name}`, { details });
  throw new ToolchainError("CIRCOM_FAILED", `circom rejects ${name}:\n${complaint}`, { details });
}

/** What WebAssembly says when it cannot have more memory. */
function isExhausted(output: string): boolean {
  return /memory allocation of \d+ bytes failed|memory access out of bounds|Maximum call stack size exceeded/.test(
    output,
  );
}

function run(args: readonly string[], cwd: string): Promise<{ failure: Error | null; output: string }> {
  return new Promise((done) => {
    execFile(process.execPath, args, { cwd, maxBuffer: LARGEST_OUTPUT }, (failure, stdout, stderr) => {
      done({ failure, output: withoutColours(stdout + stderr).trim() || (failure?.message ?? "") });
    });
  });
}

function withoutColours(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, "");
}

/** A line is "label,wire,component,name"; wire -1 means that simplification replaced the signal. */
function readSymbols(text: string): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, wire, , name] = line.split(",");
    if (name !== undefined && wire !== undefined && wire !== "-1") symbols.set(name, Number(wire));
  }
  return symbols;
}
