import { cpus } from "node:os";

import type { GalleryRow } from "./gallery-row.ts";
import type { Spread } from "./measure.ts";

const COLUMNS = [
  "model",
  "kind",
  "parameters",
  "constraints",
  "domain",
  "compile",
  "witness",
  "prove, warm",
  "zkey",
  "verify on chain",
  "held out: float",
  "held out: integers",
  "load",
];

const count = (value: number | bigint): string => value.toLocaleString("en");
const time = (ms: number): string => (ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`);
const spread = ({ median, min, max }: Spread): string => `${time(median)} (${time(min)} to ${time(max)})`;

export function formatRow(row: GalleryRow): string {
  const cells = [
    row.name,
    row.kind,
    count(row.parameters),
    count(row.constraints),
    count(row.domain),
    time(row.compileMs),
    spread(row.witness),
    `${spread(row.proveWarm)}, ${row.runs} runs`,
    `${(row.zkeyBytes / 1e6).toFixed(1)} MB`,
    `${count(row.verifyGas)} gas, ${row.words} ${row.words === 1 ? "word" : "words"}`,
    `${row.float} of ${count(row.cases)}`,
    `${row.integer} of ${count(row.integerCases)}`,
    row.load.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The page with a model's row, in the place of an older one if there is one; other models keep theirs. */
export function withRow(page: string, model: string, row: string, order: readonly string[]): string {
  const rows = readRows(page).set(model, row);
  return formatGallery(order.flatMap((name) => rows.get(name) ?? []));
}

/** The rows of a table written before, by model. */
function readRows(text: string): Map<string, string> {
  const rows = text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith(`| ${COLUMNS[0] ?? ""} `));
  return new Map(
    rows.map((line) => {
      const cells = line.split("|").map((cell) => cell.trim());
      return [cells[1] ?? "", `| ${cells.slice(1, -1).join(" | ")} |`];
    }),
  );
}

function formatGallery(rows: readonly string[]): string {
  return `# Models

Written by \`npm run bench\`, which measures every example from the ONNX file to a proof checked by the contract;
\`npm run bench -- mnist-mlp volatility\` measures some of them and keeps the other rows. Machine of the last run:
${cpus()[0]?.model ?? "unknown processor"}, ${String(cpus().length)} cores, Node ${process.version}.

Times are medians with the least and the greatest of one run, by the clock: where \`load\` (processes that wanted to run
during the last minute of the row, of which one is the measurement) is above the number of cores, the machine was busy with other
things and times are too long by about that factor. Constraints, sizes, gas and accuracy are exact and repeat.

<!-- prettier-ignore -->
| ${COLUMNS.join(" | ")} |
|${COLUMNS.map(() => "---|").join("")}
${rows.join("\n")}

- _parameters_: elements of the file's constants but for shapes and single scales; of trees, thresholds and leaves.
- _compile_: ONNX to constraints, with the choice of scales. _prove, warm_: snarkjs, once the key is loaded.
- _verify on chain_: execution and calldata of \`verifyProof\`, without the 21,000 of a transaction. It hangs on nothing
  but the number of interface words: inputs and outputs, packed.
- _held out_: data that training never saw; float is ONNX Runtime, integers are the exact reference of the circuit. Share of right
  labels and of how many cases; volatility: root mean square difference to the true volatility, in percent.
`;
}
