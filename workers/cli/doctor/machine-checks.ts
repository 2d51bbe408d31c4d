import { mkdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

import { compileCircom, createProver, makeDeveloperKeys } from "../../../circuits/toolchain/index.ts";
import { check, type Finding, problem, type Verdict } from "./check.ts";

const SMALLEST_CIRCUIT = `pragma circom 2.2.0;
template Square() { signal input a; signal output b; b <== a * a; }
component main = Square();
`;
const MEBIBYTE = 2 ** 20;
/** Journal and one version of middling size. */
const LEAST_SPACE = 256 * MEBIBYTE;
const GOOD_SPACE = 4096 * MEBIBYTE;

/** What a worker needs of the machine, whatever it serves. */
export function machineChecks(): Promise<Finding>[] {
  return [
    check("node", "install Node 22.18 or later", nodeVersion),
    check("onnxruntime", "install the package again on this platform: npm ci", onnxRuntime),
    check("sqlite", "install Node 22.18 or later, which brings SQLite", sqlite),
    check("prover", "proofs cannot be made here: install the package again, and see that memory suffices", prover),
  ];
}

export function nodeVersion(): Verdict {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) throw new Error(`${process.version} is too old`);
  return process.version;
}

export async function onnxRuntime(): Promise<Verdict> {
  const { listSupportedBackends } = await import("onnxruntime-node");
  return listSupportedBackends()
    .map((backend) => backend.name)
    .join(", ");
}

export async function sqlite(): Promise<Verdict> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(":memory:");
  const row = database.prepare("select sqlite_version() as version").get();
  database.close();
  return String(row?.["version"]);
}

/** A real proof of the smallest circuit, which the prover verifies itself. */
async function prover(): Promise<Verdict> {
  const { system } = await compileCircom(SMALLEST_CIRCUIT, { name: "doctor" });
  const { zkey } = await makeDeveloperKeys(system);
  const made = createProver(zkey, { threads: 1 });
  try {
    const began = performance.now();
    // One, the output, the input.
    await made.prove([1n, 9n, 3n]);
    return `proves and verifies (${Math.round(performance.now() - began)} ms for one constraint)`;
  } finally {
    await made.close();
  }
}

export function directoryChecks(directory: string): Promise<Finding>[] {
  const remedy = `make ${directory} writable for this user, or set \`directory\``;
  return [
    check("directory", remedy, () => writable(directory)),
    check("disk", "make room, or set `directory` to a larger disk", () => space(directory)),
  ];
}

async function writable(directory: string): Promise<Verdict> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const probe = join(directory, `.doctor-${process.pid}`);
  await writeFile(probe, "");
  await rm(probe);
  const { mode } = await stat(directory);
  if ((mode & 0o007) === 0) return directory;
  return {
    warning: `${directory} can be read by every user of this machine; its journal holds salts and signed transactions`,
    remedy: `chmod 700 ${directory}`,
  };
}

async function space(directory: string): Promise<Verdict> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const text = `${Math.round(free / MEBIBYTE)} MiB free`;
  if (free < LEAST_SPACE)
    throw new Error(`${text}, ${LEAST_SPACE / MEBIBYTE} needed: a worker that cannot write cannot act`);
  return free < GOOD_SPACE ? { warning: text, remedy: "proving keys may need gigabytes: watch the disk" } : text;
}

/** @param isRunning The worker itself may be who listens. */
export function portCheck(name: string, host: string, port: number, isRunning: boolean): Promise<Finding> {
  return check(name, `choose another port for \`${name}\`, or end the program that has it`, async () => {
    if (port === 0) return "any free port";
    if (await isFree(host, port)) return `${host}:${port} is free`;
    if (isRunning) return `${host}:${port} is in use, presumably by the worker that runs`;
    throw problem(`${host}:${port} cannot be listened at`, `choose another host or port for \`${name}\``);
  });
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
