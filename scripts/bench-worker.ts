// `npm run bench:worker [-- --node anvil --together 60 --one-by-one 30 --only "one worker" --out bench.json]`: jobs per
// second and latency for each level, of one worker and of a fleet of three, next to what bounds them.
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

import hre from "hardhat";

import { NODE_KINDS } from "../test/nodes.ts";
import type { Spread } from "./bench/measure.ts";
import { runBench, SETUPS, type Setup } from "./bench-worker/run-bench.ts";

const { values } = parseArgs({
  options: {
    node: { type: "string", default: "anvil" },
    together: { type: "string", default: "60" },
    "one-by-one": { type: "string", default: "30" },
    only: { type: "string" },
    out: { type: "string" },
  },
});
const node = NODE_KINDS.find((kind) => kind === values.node);
if (node === undefined) throw new Error(`no such node: ${values.node}; there are ${NODE_KINDS.join(", ")}`);
const isSetup = (name: string): name is Setup => name in SETUPS;
const setups = Object.keys(SETUPS)
  .filter(isSetup)
  .filter((setup) => values.only === undefined || setup === values.only);
const [together, oneByOne] = [Number(values.together), Number(values["one-by-one"])];
if (!(together > 0 && oneByOne > 0)) throw new Error("--together and --one-by-one are numbers above 0");

await hre.tasks.getTask("build").run({ quiet: true });
const progress = (line: string): void => void process.stderr.write(`${line}\n`);
const { bounds, setups: measured } = await runBench({ node, setups, together, oneByOne, progress });

const ms = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0));
const spread = ({ median, min, max }: Spread): string => `${ms(median)} ms (${ms(min)} to ${ms(max)})`;
const machine = {
  processor: cpus()[0]?.model ?? "unknown processor",
  cores: cpus().length,
  node: process.version,
  /** Above the number of cores the machine does other work, too. */
  load: loadavg()[0] ?? Number.NaN,
};
const lines = [
  `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)}; a block for each transaction of ${node}`,
  "",
  `A proof of ${bounds.constraints} constraints by one thread: ${spread(bounds.proof)}`,
  `An execution: ${spread(bounds.execution)}`,
  `A call to the node: ${spread(bounds.roundTrip)}`,
  "",
  "| setup | jobs | jobs/s | latency, median | latency, p95 |",
  "| --- | --- | --- | --- | --- |",
  ...measured.flatMap(({ setup, levels }) =>
    levels.map(
      ({ kind, jobsPerSecond, latencyMedian, latency95 }) =>
        `| ${setup} | ${kind} | ${jobsPerSecond.toFixed(2)} | ${ms(latencyMedian)} ms | ${ms(latency95)} ms |`,
    ),
  ),
];
process.stdout.write(`${lines.join("\n")}\n`);
if (values.out !== undefined) {
  const result = { machine, chain: node, together, oneByOne, bounds, setups: measured };
  await writeFile(values.out, `${JSON.stringify(result, undefined, 2)}\n`);
}
// Hardhat keeps handles open that nothing else needs.
process.exit();
