import { readFileSync } from "node:fs";

import { createRandom } from "../training/prng.ts";

/** Someone who asked for a loan. */
export interface Applicant {
  /** In the order of `FEATURES`: integers from 0 to 65,535. */
  readonly features: readonly number[];
  /** 1 if the loan went bad, 0 if it was paid back. */
  readonly label: 0 | 1;
}

/** An attribute (column of the file, from 0) as one number: as it stands, or by its code's place in a list. */
interface Feature {
  readonly name: string;
  readonly column: number;
  readonly codes?: readonly string[];
}

const PURPOSES = ["A40", "A41", "A42", "A43", "A44", "A45", "A46", "A48", "A49", "A410"];
const PURPOSE_NAMES = ["new-car", "used-car", "furniture", "television", "appliances", "repairs", "education"];

/**
 * Amounts as they are; ordered categories by rank, unknown or none first; the others as 0 or 1 per category. Sex with
 * marital status (column 8) and foreign worker (column 19) are left out: a lender may not decide by them.
 */
export const FEATURES: readonly Feature[] = [
  { name: "months", column: 1 },
  { name: "amount", column: 4 },
  { name: "instalment-percent-of-income", column: 7 },
  { name: "years-at-residence", column: 10 },
  { name: "age", column: 12 },
  { name: "credits-here", column: 15 },
  { name: "dependants", column: 17 },
  { name: "account", column: 0, codes: ["A14", "A11", "A12", "A13"] },
  { name: "history", column: 2, codes: ["A30", "A31", "A32", "A33", "A34"] },
  { name: "savings", column: 5, codes: ["A65", "A61", "A62", "A63", "A64"] },
  { name: "years-employed", column: 6, codes: ["A71", "A72", "A73", "A74", "A75"] },
  { name: "job", column: 16, codes: ["A171", "A172", "A173", "A174"] },
  { name: "property", column: 11, codes: ["A124", "A123", "A122", "A121"] },
  { name: "telephone", column: 18, codes: ["A191", "A192"] },
  oneOf("co-applicant", 9, "A102"),
  oneOf("guarantor", 9, "A103"),
  oneOf("instalments-at-bank", 13, "A141"),
  oneOf("instalments-at-store", 13, "A142"),
  oneOf("rents-home", 14, "A151"),
  oneOf("owns-home", 14, "A152"),
  ...PURPOSES.map((code, at) => oneOf([...PURPOSE_NAMES, "retraining", "business", "other"][at] ?? code, 3, code)),
];

const LABEL_COLUMN = 20;
const BAD = "2";
/** Every fifth of each class, in an order fixed by the seed, is for testing. */
const TEST_EVERY = 5;
const SEED = 1994;

function oneOf(name: string, column: number, code: string): Feature {
  return { name, column, codes: ["", code] };
}

/** Reads the 1,000 applicants in file order, or one part of the stratified split: 800 to train on, 200 to test on. */
export function readApplicants(split?: "train" | "test"): Applicant[] {
  const text = readFileSync(new URL("data/german.data", import.meta.url), "utf8");
  const all = text.trimEnd().split("\n").map(parse);
  if (split === undefined) return all;
  const tested = testRows(all);
  return all.filter((_, row) => tested.has(row) === (split === "test"));
}

function testRows(all: readonly Applicant[]): Set<number> {
  const order = [...createRandom(SEED).permutation(all.length)];
  const ofClass = (label: number): number[] => order.filter((row) => all[row]?.label === label);
  return new Set([ofClass(0), ofClass(1)].flatMap((rows) => rows.filter((_, place) => place % TEST_EVERY === 0)));
}

function parse(line: string): Applicant {
  const fields = line.split(" ");
  const features = FEATURES.map(({ column, codes }) => {
    const field = fields[column] ?? "";
    return codes === undefined ? Number(field) : Math.max(0, codes.indexOf(field));
  });
  return { features, label: fields[LABEL_COLUMN] === BAD ? 1 : 0 };
}
