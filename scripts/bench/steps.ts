import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";

import { encodeInput, parseInputAdapter } from "../../circuits/format/adapter.ts";
import { readImages } from "../../examples/mnist-mlp/images.ts";
import { readQuestions } from "../../examples/support-desk/questions.ts";
import { measureGas } from "../../test/contracts/gas.ts";
import type { Spread } from "./measure.ts";
import { measureModel, type ModelRow } from "./model-row.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

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

/** Every step of two models, Circom included, and gas of every step of a job: the tables of docs/benchmarks.md. */
export async function measureSteps(): Promise<string> {
  const adapter = parseInputAdapter(JSON.parse(await readFile(`${examples}support-desk/input-adapter.json`, "utf8")));
  const question = readQuestions("test")[0]?.text ?? "";
  const image = readImages("test")[0]?.pixels ?? new Uint8Array();
  const rows = [
    await measureModel(`${examples}support-desk/model.onnx`, encodeInput(adapter, question)),
    await measureModel(`${examples}mnist-mlp/model.onnx`, Array.from(image)),
  ];
  const gas = Object.entries(await measureGas());
  return [
    `${cpus()[0]?.model ?? "unknown processor"}, ${String(cpus().length)} cores, Node ${process.version}`,
    "",
    `| | ${rows.map((row) => row.name).join(" | ")} |`,
    `|---|${rows.map(() => "---|").join("")}`,
    ...lines.map(([label, show]) => `| ${label} | ${rows.map(show).join(" | ")} |`),
    "",
    "| step | gas of the whole transaction |",
    "|---|---|",
    ...gas.map(([step, amount]) => `| ${step} | ${amount.toLocaleString("en")} |`),
    "",
  ].join("\n");
}
