// `npm test [-- file...]`: Solidity unit, fuzz and invariant tests, every TypeScript test, and one closing line.
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

// Two halves that take about as long: contracts and the worker's daemon, and all the rest.
const typescript = files(".test.ts");
const first = typescript.filter((file) => /^(\.\/)?test[\\/](contracts|workers[\\/]daemon)[\\/]/.test(file));
const second = typescript.filter((file) => !first.includes(file));

// The compiler takes all cores, and each of the tests' processes about one: so two of these run side by side. The
// Solidity tests compile themselves only, and the TypeScript tests deploy every contract.
const built = await run(["build", "--quiet"], []);
const outcomes = await Promise.all([
  run(["test", "mocha", "--no-compile"], second, "at the end"),
  run(["test", "solidity"], files(".t.sol")).then(async (outcome) =>
    sumOf([outcome, await run(["test", "mocha", "--no-compile"], first)]),
  ),
]);
const total = sumOf([built, ...outcomes]);

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function sumOf(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce((sum, { passed, failed, skipped }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
    skipped: sum.skipped + skipped,
  }));
}

/** Runs Hardhat on the files and counts from its summary; a run that dies without one counts as a failure. */
async function run(
  command: readonly string[],
  tests: readonly string[],
  shown: "at once" | "at the end" = "at once",
): Promise<Outcome> {
  if (command[0] === "test" && tests.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const child = spawn("hardhat", [...command, ...tests], {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment,
    shell: process.platform === "win32",
  });
  let output = "";
  let overdue: NodeJS.Timeout | undefined;
  child.stdout.on("data", (chunk: Buffer) => {
    if (shown === "at once") process.stdout.write(chunk);
    output += chunk.toString();
    // A test that leaves a handle open would keep the run from ever ending: that is a failure, not a wait.
    if (/^\s*\d+ passing/m.test(chunk.toString())) overdue = setTimeout(() => child.kill("SIGKILL"), OVERDUE_MS);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  clearTimeout(overdue);
  if (shown === "at the end") process.stdout.write(output);
  const text = stripVTControlCharacters(output);
  const count = (word: string) =>
    [...text.matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"))].reduce((sum, match) => sum + Number(match[1]), 0);
  const failed = count("failing");
  return { passed: count("passing"), failed: code === 0 ? failed : Math.max(failed, 1), skipped: count("pending") };
}
