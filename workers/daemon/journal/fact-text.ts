import { type Fact, parseFact } from "../facts.ts";

const TAG = "#integer";

/** JSON in which integers beyond 2^53 keep every digit. */
export function encodeFact(fact: Fact): string {
  return JSON.stringify(fact, (_, value: unknown) => (typeof value === "bigint" ? { [TAG]: value.toString() } : value));
}

/** Throws SyntaxError, or zod's error if the text is no fact. */
export function decodeFact(text: string): Fact {
  return parseFact(JSON.parse(text, (_, value: unknown) => (isTagged(value) ? BigInt(value[TAG]) : value)));
}

function isTagged(value: unknown): value is { [TAG]: string } {
  return typeof value === "object" && value !== null && TAG in value && typeof value[TAG] === "string";
}
