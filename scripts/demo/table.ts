import Table from "cli-table3";
import { formatEther } from "ethers";

/** One answered question, as the demo prints it. */
export interface AnswerRow {
  readonly question: string;
  readonly answer: string;
  readonly truth: string;
  readonly level: string;
  /** From the request's transaction to the answer at the consumer. */
  readonly latencyMs: number;
  /** From the request's transaction until the answer is final. */
  readonly finalMs: number;
  readonly gas: readonly (readonly [step: string, gas: bigint])[];
  /** In wei. */
  readonly fee: bigint;
  readonly worker: string;
}

const WIDTH = { question: 44, label: 26, gas: 34 };

export function answerTable(rows: readonly AnswerRow[]): string {
  const table = new Table({
    head: [
      "question",
      "answer",
      "true label",
      "level",
      "latency",
      "final",
      "gas of each step",
      "fee (ETH)",
      "answered by",
    ],
    colWidths: [WIDTH.question, WIDTH.label, WIDTH.label, 9, 9, 9, WIDTH.gas, 11, 20],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows)
    table.push([
      row.question,
      `${row.answer === row.truth ? "" : "✗ "}${row.answer}`,
      row.truth,
      row.level,
      seconds(row.latencyMs),
      seconds(row.finalMs),
      row.gas.map(([step, gas]) => `${step} ${String(gas)}`).join(", "),
      formatEther(row.fee),
      row.worker,
    ]);
  return table.toString();
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
