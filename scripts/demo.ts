// `npm run demo [-- --serve] [-- --port 8545]`: the main job, end to end, on a chain of its own.
import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, parseArgs } from "node:util";

import { AssayError } from "../circuits/format/error.ts";
import { runDemo, type RunningDemo } from "./demo/run-demo.ts";

const { values: options } = parseArgs({
  options: { serve: { type: "boolean", default: false }, port: { type: "string", default: "0" } },
});

// An exit, unlike a signal's default, lets the workers be ended too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => options.serve || process.exit(1));

const directory = await mkdtemp(join(tmpdir(), "assay-demo-"));
const say = (line: string) => void process.stdout.write(`${line}\n`);
try {
  const demo = await runDemo({ directory, port: Number(options.port), say });
  if (options.serve) await keepServing(demo);
  await demo.stop();
} catch (error) {
  process.stderr.write(error instanceof AssayError ? `${error.code}: ${error.message}\n` : `${inspect(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
// Hardhat keeps handles open that nothing else needs.
process.exit();

async function keepServing({ rpc, deployment, versionId, customerKey }: RunningDemo): Promise<void> {
  await mkdir(".assay", { recursive: true });
  await writeFile(".assay/deployment.json", `${JSON.stringify(deployment, null, 2)}\n`);
  say(`
The chain is at ${rpc}, the deployment in .assay/deployment.json, logs in ${directory}.
Ask it yourself, with one of the local chain's public keys:

  export ASSAY_RPC=${rpc} ASSAY_PRIVATE_KEY=${customerKey}
  npm run assay -- request ${versionId} --text "my card was stolen" --level zkml

Ctrl-C ends it.`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}
