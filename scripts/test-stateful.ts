// `npm run test:stateful [-- seed]`: every invariant under test/contracts/invariants for 100,000 random calls, and what
// those calls were. `npm test` checks the same invariants in the short runs that hardhat.config.ts sets.
import { globSync } from "node:fs";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { z } from "zod";

import config from "../hardhat.config.ts";

const RUNS = 500;
const CALLS_PER_RUN = 200;

const count = z.bigint().transform(Number);
const campaign = z.object({
  calls: count,
  reverts: count,
  metrics: z.record(z.string(), z.object({ calls: count, reverts: count })),
});
const testRun = z.object({
  suiteResults: z.array(
    z.object({
      id: z.object({ name: z.string() }),
      testResults: z.array(z.object({ name: z.string(), status: z.string(), kind: z.unknown() })),
    }),
  ),
});
const outcome = z.union([z.object({ value: testRun }), z.object({ error: testRun })]);

const hre = await createHardhatRuntimeEnvironment({
  ...config,
  test: {
    ...config.test,
    solidity: {
      ...config.test?.solidity,
      fuzz: { seed: `0x${BigInt(process.argv[2] ?? 1).toString(16)}` },
      // A handler tries what the contracts may refuse; whatever else reverts, its own `require` included, is a failure.
      invariant: { runs: RUNS, depth: CALLS_PER_RUN, failOnRevert: true },
    },
  },
});
const testFiles = globSync("test/contracts/invariants/**/*.t.sol").sort();
if (testFiles.length === 0) throw new Error("there are no invariants");
// The walks deploy what was built.
await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
const run = outcome.parse(await hre.tasks.getTask(["test", "solidity"]).run({ testFiles }));
const { suiteResults } = "value" in run ? run.value : run.error;

let failures = "value" in run ? 0 : 1;
for (const { id, testResults } of suiteResults)
  for (const { name, status, kind } of testResults.filter((test) => test.name.startsWith("invariant"))) {
    const { calls, reverts, metrics } = campaign.parse(kind);
    if (status !== "Success" || calls < RUNS * CALLS_PER_RUN) failures++;
    process.stdout.write(`\n${id.name}.${name}: ${calls} calls, ${reverts} reverted\n`);
    for (const [step, made] of Object.entries(metrics).sort())
      process.stdout.write(`  ${String(made.calls).padStart(8)} ${step.split(":").at(-1) ?? step}\n`);
  }
process.exitCode = failures > 0 ? 1 : 0;
