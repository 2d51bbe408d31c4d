// `npm run bench`: constraints, keys, times and gas of the example models, measured in one run on this machine.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";

import hre from "hardhat";

import { encodeInput, parseInputAdapter } from "../circuits/format/adapter.ts";
import { readImages } from "../examples/mnist-mlp/images.ts";
import { readQuestions } from "../examples/support-desk/questions.ts";
import { measureGas } from "../test/contracts/gas.ts";
import type { Spread } from "./bench/measure.ts";
import { measureModel, type ModelRow } from "./bench/model-row.ts";

await hre.tasks.getTask("build").run({ quiet: true });

const examples = fileURLToPath(new URL("../examples/", import.meta.url));
const adapter = parseInputAdapter(JSON.parse(await readFile(`${examples}support-desk/input-adapter.json`, "utf8")));
const question = readQuestions("test")[0]?.text ?? "";
const image = readImages("test")[0]?.pixels ?? new Uint8Array();

const rows = [
  await measureModel(`${examples}support-desk/model.onnx`, encodeInput(adapter, question)),
  await measureModel(`${examples}mnist-mlp/model.onnx`, Array.from(image)),
];

const ms = (value: number) => (value < 10 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`);
const spread = ({ median, min, max }: Spread) => `${ms(median)} (${ms(min)} to ${ms(max)})`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
const lines: readonly (readonly [string, (row: ModelRow) => string])[] = [
  ["constraints", (row) => row.constraints.toLocaleString("en")],
  ["wires", (row) => row.wires.toLocaleString("en")],
  ["public signals", (row) => String(row.publicSignals)],
  ["domain", (row) => row.domain.toLocaleString("en")],
  ["Circom source", (row) => megabytes(row.circomBytes)],
  ["zkey", (row) => megabytes(row.zkeyBytes)],
  ["verification key", (row) => `${String(row.verificationKeyBytes)} bytes`],
  ["compile ONNX to constraints", (row) => ms(row.compileMs)],
  ["compile Circom (audit)", (row) => ms(row.circomMs)],
  ["dev keys", (row) => ms(row.setupMs)],
  ["witness", (row) => spread(row.witness)],
  ["prove, cold (load key, first proof)", (row) => ms(row.proveColdMs)],
  ["prove, warm", (row) => spread(row.proveWarm)],
  ["verify off chain", (row) => spread(row.verify)],
  ["verify on chain", (row) => `${row.verifyGas.toLocaleString("en")} gas`],
];

process.stdout.write(
  `${cpus()[0]?.model ?? "unknown processor"}, ${String(cpus().length)} cores, Node ${process.version}\n\n`,
);
process.stdout.write(`| | ${rows.map((row) => row.name).join(" | ")} |\n|---|${rows.map(() => "---|").join("")}\n`);
for (const [label, show] of lines) process.stdout.write(`| ${label} | ${rows.map(show).join(" | ")} |\n`);

process.stdout.write("\n| step | gas of the whole transaction |\n|---|---|\n");
for (const [step, gas] of Object.entries(await measureGas()))
  process.stdout.write(`| ${step} | ${gas.toLocaleString("en")} |\n`);
// Hardhat keeps handles open that nothing else needs.
process.exit();
