// `npm run coverage [-- file...]`: which lines and statements of contracts/ (without the examples) the contract tests
// run, and to which sides its conditions go. Fails below the floor. Reports for browsers and editors: coverage/.
import { globSync, readFileSync, rmSync } from "node:fs";
import { relative } from "node:path";

import { z } from "zod";

import { type Condition, conditionsIn, reportSides } from "./coverage/conditions.ts";

const FLOOR = 98;
/** These measure the contracts as they are deployed, not as they are instrumented. */
const NOT_INSTRUMENTED = /[\\/](?:gas|code-size)\.test\.ts$/;

// Hardhat forgets what an earlier run reached only for the kinds of tests that it runs again.
rmSync("coverage/data", { recursive: true, force: true });
process.env["HARDHAT_CONFIG"] = "scripts/coverage/config.ts";
process.env["HARDHAT_COVERAGE"] = "true";
const { default: hre } = await import("hardhat");

const statements = new Set<string>();
const conditions: Condition[] = [];
hre.hooks.registerHandlers("solidity", {
  preprocessProjectFileBeforeBuilding: async (context, sourceName, path, content, solcVersion, next) => {
    const instrumented = await next(context, sourceName, path, content, solcVersion);
    const tags = [...instrumented.matchAll(/sendHit\(0x([0-9a-f]{64})\)/g)].map(([, tag]) => tag ?? "");
    if (tags.length === 0) return instrumented;
    for (const tag of tags) statements.add(tag);
    const file = relative(hre.config.paths.root, path).replaceAll("\\", "/");
    conditions.push(...conditionsIn(file, content));
    return reportSides(file, instrumented);
  },
});

const named = process.argv.slice(2);
const files = named.length > 0 ? named : globSync("test/contracts/**/*{.test.ts,.t.sol}");
const passed = z
  .object({ success: z.boolean() })
  .parse(await hre.tasks.getTask("test").run({ testFiles: files.filter((file) => !NOT_INSTRUMENTED.test(file)) }));

const hits = new Set(globSync("coverage/data/*/*.json").flatMap((file) => tagsOf(readFileSync(file, "utf8"))));
const sides = [...new Map(conditions.map((condition) => [condition.tag, condition])).values()].flatMap((condition) => [
  { ...condition, value: false, reached: hits.has(hex(condition.tag)) },
  { ...condition, value: true, reached: hits.has(hex(condition.tag + 1n)) },
]);
const missed = sides.filter(({ reached }) => !reached);
for (const { file, line, text, value } of missed) process.stdout.write(`${file}:${line} never ${value}: ${text}\n`);

const lines = [...readFileSync("coverage/lcov.info", "utf8").matchAll(/^DA:\d+,(\d+)/gm)].map(([, count]) => count);
const shares = {
  lines: share(lines.filter((count) => count !== "0").length, lines.length),
  statements: share([...statements].filter((tag) => hits.has(tag)).length, statements.size),
  sides: share(sides.length - missed.length, sides.length),
};
for (const [what, percent] of Object.entries(shares)) process.stdout.write(`${percent.toFixed(2)} % of ${what}\n`);
process.exitCode = passed.success && Object.values(shares).every((percent) => percent >= FLOOR) ? 0 : 1;

function tagsOf(json: string): string[] {
  return Object.keys(z.record(z.string(), z.number()).parse(JSON.parse(json)));
}

function hex(tag: bigint): string {
  return tag.toString(16).padStart(64, "0");
}

function share(had: number, all: number): number {
  return all === 0 ? 0 : (had * 100) / all;
}
