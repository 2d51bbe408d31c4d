import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a user does, in a process of its own. */
export function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<CliRun> {
  return new Promise((resolve) => {
    const { PATH = "" } = process.env;
    execFile(
      process.execPath,
      [CLI, ...args],
      { env: { PATH, ...environment }, timeout: 100_000, ...(cwd !== undefined && { cwd }) },
      (error, stdout, stderr) => resolve({ exitCode: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}

/** The one JSON object on standard output of a run that must succeed. */
export async function succeed(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await runCli([...args, "--json"], environment);
  expect(exitCode, `${stdout}${stderr}`).to.equal(0);
  const result: unknown = JSON.parse(stdout);
  expect(result).to.include({ ok: true });
  return result as Record<string, unknown>;
}

/** The codes of a run that must fail, with one JSON object and exit code 1. */
export async function failureCodes(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runCli([...args, "--json"], environment);
  expect(exitCode, `${stdout}${stderr}`).to.equal(1);
  const result = JSON.parse(stdout) as { readonly ok: boolean; readonly diagnostics: readonly Diagnostic[] };
  expect(result.ok).to.equal(false);
  expect(stderr, "diagnostics belong into the object").to.equal("");
  for (const diagnostic of result.diagnostics) {
    expect(diagnostic).to.have.all.keys("code", "node", "op", "message");
    expect(diagnostic.message).not.to.equal("");
  }
  return result.diagnostics.map(({ code }) => code);
}

interface Diagnostic {
  readonly code: string;
  readonly node: string | null;
  readonly op: string | null;
  readonly message: string;
}
