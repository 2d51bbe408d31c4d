// `npm run test:crashes [-- --node anvil --seed 1]`: mixed jobs of three workers, of which one is killed once on either side
// of every fact that such jobs bring about, of handing bytes to a node, and of the cursor. Which facts those are, and why
// not the others, is in crashes/fault-points.ts. On Hardhat's node and on anvil unless one is named.
import { parseArgs } from "node:util";

import hre from "hardhat";

import { NODE_KINDS } from "../test/nodes.ts";
import { reachedPoints } from "./crashes/fault-points.ts";
import { crashesAt } from "./soak/crash-plan.ts";
import { judgeSoak } from "./soak/judge-soak.ts";
import { runSoak } from "./soak/run-soak.ts";

/** By then every point has been passed many times. */
const MOST_JOBS = 600;

const { values } = parseArgs({
  options: {
    node: { type: "string" },
    seed: { type: "string", default: "1" },
    wave: { type: "string", default: "14" },
  },
});
const nodes = NODE_KINDS.filter((kind) => values.node === undefined || kind === values.node);
if (nodes.length === 0) throw new Error(`no such node: ${String(values.node)}; there are ${NODE_KINDS.join(", ")}`);

await hre.tasks.getTask("build").run({ quiet: true });
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const points = reachedPoints();
let ok = true;
for (const node of nodes) {
  const plan = crashesAt(points);
  const shared = { plan, node, progress, seed: Number(values.seed), wave: Number(values.wave) };
  // Claims are facts, too.
  const run = await runSoak({ ...shared, jobs: MOST_JOBS, claim: "always" });
  const left = plan.left();
  const checks = [
    ...judgeSoak(run),
    {
      claim: "the worker died at every point",
      holds: left.length === 0,
      found: `${points.length - left.length} of ${points.length} ${left.join(" ")}`,
    },
  ];
  ok &&= checks.every(({ holds }) => holds);
  process.stdout.write(`${node}: ${run.jobs.length} jobs, ${run.kills} kills, ${run.seconds} s\n`);
  for (const { claim, holds, found } of checks)
    process.stdout.write(`${holds ? "holds" : "FAILS"}  ${claim}: ${found}\n`);
}
// Hardhat keeps handles open that nothing else needs.
process.exit(ok ? 0 : 1);
