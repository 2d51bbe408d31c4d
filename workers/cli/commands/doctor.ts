import { existsSync } from "node:fs";

import { Command } from "commander";

import { compileCircom } from "../../../circuits/toolchain/index.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { connect, DEFAULT_DEPLOYMENT, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { createOutput } from "../output.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

const SMALLEST_CIRCUIT = `pragma circom 2.2.0;
template Square() { signal input a; signal output b; b <== a * a; }
component main = Square();
`;

export function doctorCommand(): Command {
  return withChainOptions(new Command("doctor"))
    .description("check this machine and, if there is a deployment file, its chain")
    .action(async (options: ChainOptions & { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const checks = [
        await check("node", () => nodeVersion()),
        await check("onnxruntime", onnxRuntime),
        await check("circom", circom),
        await check("sqlite", sqlite),
        await check("chain", () => chain(options)),
      ];
      const ok = checks.every((each) => each.ok);
      if (!ok) process.exitCode = 1;
      const diagnostics = checks
        .filter((each) => !each.ok)
        .map(({ name, message }) => ({ code: "DOCTOR", node: name, op: null, message }));
      const text = checks.map((each) => `${each.ok ? "ok     " : "PROBLEM"} ${each.name}: ${each.message}`).join("\n");
      output.result({ ok, checks, diagnostics }, text);
    });
}

async function check(name: string, run: () => string | Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, message: await run() };
  } catch (error) {
    const code = error instanceof AssayError ? `${error.code}: ` : "";
    return { name, ok: false, message: `${code}${error instanceof Error ? error.message : String(error)}` };
  }
}

function nodeVersion(): string {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) throw new Error(`${process.version}: install Node 22.18 or later`);
  return process.version;
}

async function onnxRuntime(): Promise<string> {
  const { listSupportedBackends } = await import("onnxruntime-node");
  return listSupportedBackends()
    .map((backend) => backend.name)
    .join(", ");
}

async function circom(): Promise<string> {
  const { system } = await compileCircom(SMALLEST_CIRCUIT, { name: "doctor" });
  return `compiles (${String(system.constraints.length)} constraint)`;
}

async function sqlite(): Promise<string> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  const row = database.prepare("select sqlite_version() as version").get();
  database.close();
  return String(row?.version);
}

async function chain(options: ChainOptions): Promise<string> {
  if (options.deployment === DEFAULT_DEPLOYMENT && !existsSync(DEFAULT_DEPLOYMENT))
    return `none to check: no ${DEFAULT_DEPLOYMENT}, and --deployment names no other`;
  const client = await connect(options);
  try {
    const block = await client.provider.getBlockNumber();
    const code = await client.provider.getCode(client.deployment.market);
    if (code === "0x")
      throw new Error(`no market at ${client.deployment.market}: the deployment file is of another chain`);
    return `chain ${String(client.deployment.chainId)} at block ${String(block)}, market ${client.deployment.market}`;
  } finally {
    client.provider.destroy();
  }
}
