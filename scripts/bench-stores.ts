// `npm run bench:stores [-- --megabytes 64 --runs 3]`: how long a file of a proving key's size takes to keep, to read and verify, to
// seal and to open, on this machine's disk. Kubo and S3 are as fast as the node or service behind them, and are not measured.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { contentId } from "../circuits/format/content-id.ts";
import { createArtifactKey, openStore, SealedSource, sealFiles } from "../workers/store/index.ts";
import { repeated } from "./bench/measure.ts";

const { values } = parseArgs({
  options: { megabytes: { type: "string", default: "64" }, runs: { type: "string", default: "3" } },
});
const [megabytes, runs] = [Number(values.megabytes), Number(values.runs)];
if (!(megabytes > 0 && runs >= 1)) throw new Error("--megabytes and --runs are numbers above 0");

const directory = mkdtempSync(join(tmpdir(), "assay-bench-stores-"));
const file = new Uint8Array(randomBytes(Math.round(megabytes * 2 ** 20)));

/** Another file each time: what is there already is not written again. */
function fresh(): Uint8Array {
  file.set(randomBytes(32));
  return file;
}

async function report(what: string, run: () => Promise<unknown>): Promise<void> {
  const { median, min, max } = await repeated(runs, run);
  const speed = Math.round((megabytes / median) * 1000);
  process.stdout.write(`${what}: ${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)}), ${speed} MiB/s\n`);
}

try {
  process.stdout.write(`${megabytes} MiB, ${runs} runs\n`);
  for (const [name, address] of [
    ["directory", join(directory, "files")],
    ["IPFS in process", `ipfs:${join(directory, "ipfs")}`],
  ] as const) {
    const store = await openStore(address);
    await report(`${name}, keep`, () => store.put(fresh()));
    const cid = contentId(file);
    await report(`${name}, read`, () => store.get(cid));
  }
  const key = createArtifactKey();
  await report("seal", () => Promise.resolve(sealFiles([file], [key.publicKey])));
  const { grant, sealed } = sealFiles([file], [key.publicKey]);
  const store = await openStore(join(directory, "sealed"));
  for (const bytes of [...sealed, grant]) await store.put(bytes);
  const source = new SealedSource({ grant: contentId(grant), key, sources: [store] });
  const cid = contentId(file);
  await report("read and open", () => source.get(cid));
} finally {
  rmSync(directory, { recursive: true });
}
