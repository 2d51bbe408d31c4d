// `npm test [-- file...]`: Solidity unit, fuzz and invariant tests, then every TypeScript test, and one closing line.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const OVERDUE_MS = 60_000;
/** Tests start hundreds of processes, most of whose time would go into reading the same sources again. */
const environment = { NODE_COMPILE_CACHE: join(tmpdir(), "assay-compile-cache"), ...process.env };

const named = process.argv.slice(2);
const files = (extension: string) =>
  (named.length > 0 ? named : globSync(`test/**/*${extension}`)).filter((file) => file.endsWith(extension)).sort();

// The Solidity tests compile themselves only, and the TypeScript tests deploy every contract.
const outcomes = [
  await run(["build", "--quiet"], []),
  await run(["test", "solidity"], files(".t.sol")),
  await run(["test", "mocha", "--no-compile"], files(".test.ts")),
];
const total = outcomes.reduce((sum, { passed, failed, skipped }) => ({
  passed: sum.passed + passed,
  failed: sum.failed + failed,
  skipped: sum.skipped + skipped,
}));

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Runs Hardhat on the files and counts from its summary; a run that dies without one counts as a failure. */
async function run(command: readonly string[], tests: readonly string[]): Promise<Outcome> {
  if (command[0] === "test" && tests.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const child = spawn("hardhat", [...command, ...tests], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment,
    shell: process.platform === "win32",
  });
  let output = "";
  let overdue: NodeJS.Timeout | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk);
    output += chunk.toString();
    // A test that leaves a handle open would keep the run from ever ending: that is a failure, not a wait.
    if (/^\s*\d+ passing/m.test(chunk.toString())) overdue = setTimeout(() => child.kill("SIGKILL"), OVERDUE_MS);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  clearTimeout(overdue);
  const text = stripVTControlCharacters(output);
  const count = (word: string) =>
    [...text.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))].reduce((sum, match) => sum + Number(match[1]), 0);
  const failed = count("failing");
  return { passed: count("passing"), failed: code === 0 ? failed : Math.max(failed, 1), skipped: count("pending") };
}
