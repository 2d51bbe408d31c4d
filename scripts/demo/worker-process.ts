import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A worker as an operator runs it: `assay worker` in a process of its own. */
export interface WorkerProcess {
  readonly name: string;
  readonly workerId: bigint;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
}

const CLI = fileURLToPath(new URL("../../workers/cli/main.ts", import.meta.url));

/** Starts a worker and waits until it is at work. Its log goes to `<directory>/<name>/worker.log`. */
export async function startWorkerProcess(
  directory: string,
  name: string,
  privateKey: string,
  config: Readonly<Record<string, unknown>>,
): Promise<WorkerProcess> {
  const home = join(directory, name);
  await mkdir(home, { recursive: true });
  const configPath = join(home, "worker.json");
  await writeFile(configPath, `${JSON.stringify({ ...config, directory: home, lockDirectory: directory }, null, 2)}\n`);

  const child = spawn(process.execPath, [CLI, "worker", configPath, "--json"], {
    env: { ...process.env, ASSAY_PRIVATE_KEY: privateKey },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Whatever ends this process must not leave workers behind.
  const end = () => void child.kill();
  process.once("exit", end);
  const log = createWriteStream(join(home, "worker.log"));
  child.stderr.pipe(log);
  const exited = once(child, "exit");
  const ready = new Promise<string>((resolve) =>
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
  );
  const line = await Promise.race([ready, exited.then(() => undefined)]);
  if (line === undefined) throw new Error(`${name} ended before it was at work; see ${join(home, "worker.log")}`);
  const answer = JSON.parse(line) as {
    readonly ok: boolean;
    readonly workerId?: string;
    readonly diagnostics: unknown;
  };
  if (!answer.ok || answer.workerId === undefined)
    throw new Error(`${name} did not start: ${JSON.stringify(answer.diagnostics)}`);
  return {
    name,
    workerId: BigInt(answer.workerId),
    async stop() {
      child.kill("SIGTERM");
      await exited;
      process.off("exit", end);
    },
  };
}
