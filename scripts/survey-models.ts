// `node scripts/survey-models.ts <files or folders>`: compiles each model with the defaults (or the .json beside it, in
// the form of assay.json) and prints one line about it: what it costs and how close it comes, or what does not compile.
import { existsSync, globSync, statSync } from "node:fs";
import { join, relative } from "node:path";

import { compile, CompileError } from "../circuits/compiler/index.ts";
import { readModelSource } from "../workers/publish/model-config.ts";
import { compileOptions } from "../workers/publish/prepare-version.ts";

interface Outcome {
  readonly ok: boolean;
  readonly text: string;
  /** `CODE operator` of each problem, to count what stands in the way of most models. */
  readonly obstacles: readonly string[];
}

const paths = process.argv
  .slice(2)
  .flatMap((path) => (statSync(path).isDirectory() ? globSync(join(path, "**/*.onnx")).sort() : [path]));
if (paths.length === 0) {
  process.stderr.write("usage: node scripts/survey-models.ts <files or folders>\n");
  process.exit(2);
}

const failures: Outcome[] = [];
for (const path of paths) {
  const start = performance.now();
  const outcome = await survey(path);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${relative(process.cwd(), path)}  ${outcome.text}  ${seconds} s\n`);
  if (!outcome.ok) failures.push(outcome);
}

process.stdout.write(`\n${String(paths.length - failures.length)} of ${String(paths.length)} compile\n`);
for (const [obstacle, count] of countObstacles()) process.stdout.write(`${String(count).padStart(5)}  ${obstacle}\n`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function survey(path: string): Promise<Outcome> {
  try {
    const config = path.replace(/\.onnx$/, ".json");
    const source = await readModelSource(path, existsSync(config) ? config : undefined);
    const { constraints, quantization } = compile(source.onnx, compileOptions(source)).report;
    const { agreement, maxError, reached } = quantization;
    const accuracy = `agreement ${percent(agreement)}, error ${percent(maxError)}${reached ? "" : " (not reached)"}`;
    return { ok: true, text: `ok  ${String(constraints)} constraints  ${accuracy}`, obstacles: [] };
  } catch (error) {
    if (!(error instanceof CompileError))
      return { ok: false, text: `CRASHED  ${describe(error)}`, obstacles: ["crash"] };
    const { diagnostics } = error;
    const obstacles = [...new Set(diagnostics.map(({ code, op }) => (op === "" ? code : `${code} ${op}`)))];
    return { ok: false, text: `FAILED  ${error.message.replaceAll("\n", " | ")}`, obstacles };
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** What is no diagnostic is a fault of the compiler: with the place it came from. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 3).join(" ") : String(error);
}

function countObstacles(): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const obstacle of failures.flatMap(({ obstacles }) => obstacles))
    counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
