import { readFileSync } from "node:fs";
import { parseCsv } from "../training/csv.ts";

/** One customer question of Banking77 and the intent a person gave it. */
export interface Question {
  readonly text: string;
  /** One of the 77 intents, for example `card_arrival`. */
  readonly label: string;
}

/** Reads the official split: 10,003 questions to train on, 3,080 (40 for each intent) to test on. */
export function readQuestions(split: "train" | "test"): Question[] {
  const file = new URL(`data/${split}.csv`, import.meta.url);
  const [, ...records] = parseCsv(readFileSync(file, "utf8"));
  return records.map(([text = "", label = ""]) => ({ text: text.trim(), label }));
}
