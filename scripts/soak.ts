// `npm run soak [-- --jobs 1000 --seed 1 --node anvil --out soak.json]`: many mixed jobs, three workers, of which one is
// killed again and again. Prints what was found and exits with 1 if a claim does not hold.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";

import hre from "hardhat";

import { NODE_KINDS } from "../test/nodes.ts";
import { randomCrashes } from "./soak/crash-plan.ts";
import { judgeSoak } from "./soak/judge-soak.ts";
import { runSoak } from "./soak/run-soak.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    node: { type: "string", default: "anvil" },
    wave: { type: "string", default: "25" },
    life: { type: "string", default: "300" },
    out: { type: "string" },
  },
});
const node = NODE_KINDS.find((kind) => kind === values.node);
if (node === undefined) throw new Error(`no such node: ${values.node}; there are ${NODE_KINDS.join(", ")}`);
const [jobs, seed, wave, longestLife] = [values.jobs, values.seed, values.wave, values.life].map(Number);
if (!(jobs && seed && wave && longestLife)) throw new Error("--jobs, --seed, --wave and --life are numbers above 0");

await hre.tasks.getTask("build").run({ quiet: true });
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const plan = randomCrashes(seed + 1, longestLife);
const run = await runSoak({ jobs, plan, claim: "never", seed, node, wave, progress });
const checks = judgeSoak(run);

const kinds = Object.groupBy(run.jobs, ({ kind }) => kind);
const lines = [
  `${run.jobs.length} jobs on ${node}, seed ${seed}, ${run.seconds} s, ${run.kills} kills of the third worker`,
  ...Object.entries(kinds).map(([kind, of]) => `  ${String(of.length).padStart(5)} ${kind}`),
  ...run.journals.map((journal, index) => `worker ${index + 1}: ${JSON.stringify(journal)}`),
  ...checks.map(({ claim, holds, found }) => `${holds ? "holds" : "FAILS"}  ${claim}: ${found}`),
];
process.stdout.write(`${lines.join("\n")}\n`);
if (values.out !== undefined) {
  const { journals, memory, kills, seconds } = run;
  const counts = Object.fromEntries(Object.entries(kinds).map(([kind, of]) => [kind, of.length]));
  const result = { node, seed, jobs: run.jobs.length, kinds: counts, seconds, kills, checks, journals, memory };
  await writeFile(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
}
// Hardhat keeps handles open that nothing else needs.
process.exit(checks.every(({ holds }) => holds) ? 0 : 1);
