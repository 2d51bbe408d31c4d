/**
 * Adapters translate between what people write and the integers of a model: text to an input tensor, an output tensor
 * to text. They are data (JSON beside the model), so the browser, the SDK, the worker and the training script of a
 * model all encode the same text to the same tensor.
 */
import { z } from "zod";

import { AssayError } from "./error.ts";
import { problemsIn } from "./problems.ts";

/**
 * Text beyond this many UTF-16 code units is ignored, so that encoding costs a bounded amount of work however much a
 * stranger sends.
 */
export const LONGEST_TEXT = 4096;

const phrase = z.string().regex(/^ ?[a-z0-9]+( [a-z0-9]+)* ?$/, "is not a phrase of normalized text");

/**
 * Element i is 1 where the normalized text contains `phrases[i]`, else 0. Spaces stand for word boundaries: `" card "`
 * is a word, `" my card "` two neighbours, `" deliv"` the beginning of a word.
 */
const phrasePresence = z.strictObject({
  kind: z.literal("phrase-presence"),
  phrases: z
    .array(phrase)
    .min(1)
    .refine((phrases) => new Set(phrases).size === phrases.length, "has a phrase twice"),
});

/** The only element is an index into `labels`. */
const labels = z.strictObject({ kind: z.literal("labels"), labels: z.array(z.string().min(1)).min(1) });

const inputAdapter = z.discriminatedUnion("kind", [phrasePresence]);
const outputAdapter = z.discriminatedUnion("kind", [labels]);

export type InputAdapter = z.infer<typeof inputAdapter>;
export type OutputAdapter = z.infer<typeof outputAdapter>;

export type AdapterErrorCode = "ADAPTER_INVALID" | "ADAPTER_OUTPUT_LENGTH" | "ADAPTER_LABEL_UNKNOWN";

export class AdapterError extends AssayError {
  declare readonly code: AdapterErrorCode;
  constructor(code: AdapterErrorCode, message: string, details: Record<string, unknown>) {
    super(code, message, { details });
  }
}

/** Throws `ADAPTER_INVALID`, listing every problem with its path. */
export function parseInputAdapter(json: unknown): InputAdapter {
  const parsed = inputAdapter.safeParse(json);
  if (!parsed.success) throw invalid("input", parsed.error);
  return parsed.data;
}

/** Throws `ADAPTER_INVALID`, listing every problem with its path. */
export function parseOutputAdapter(json: unknown): OutputAdapter {
  const parsed = outputAdapter.safeParse(json);
  if (!parsed.success) throw invalid("output", parsed.error);
  return parsed.data;
}

function invalid(side: "input" | "output", error: z.ZodError): AdapterError {
  const problems = problemsIn(error);
  return new AdapterError("ADAPTER_INVALID", `the ${side} adapter is not valid:\n${problems.join("\n")}`, { problems });
}

/**
 * The input tensor of a text, row-major. Every text has one: a text without a known phrase, the empty text among them,
 * gives zeros, and the model then answers with whatever it thinks likeliest without evidence. Callers who would
 * rather refuse can look for a 1.
 */
export function encodeInput(adapter: InputAdapter, text: string): number[] {
  const normalized = normalizeText(text);
  return adapter.phrases.map((known) => (normalized.includes(known) ? 1 : 0));
}

/**
 * The text of an output tensor. Throws `ADAPTER_OUTPUT_LENGTH` unless there is exactly one element, and
 * `ADAPTER_LABEL_UNKNOWN` where it is no index of a label.
 */
export function decodeOutput(adapter: OutputAdapter, values: readonly bigint[]): string {
  const [index] = values;
  if (index === undefined || values.length !== 1)
    throw new AdapterError("ADAPTER_OUTPUT_LENGTH", `expected 1 element, got ${values.length}`, {
      expected: 1,
      got: values.length,
    });
  const known = adapter.labels.length;
  const label = index >= 0n && index < BigInt(known) ? adapter.labels[Number(index)] : undefined;
  if (label === undefined)
    throw new AdapterError("ADAPTER_LABEL_UNKNOWN", `label ${index} is not one of the ${known} known`, {
      label: index.toString(),
      known,
    });
  return label;
}

/**
 * Lower-case Latin letters and digits in words, with one space before, between and after them: `"I can’t pay!"` becomes
 * `" i cant pay "`. Compatibility forms and accents are folded (`"ﬁancé"` to `" fiance "`); characters of other scripts
 * separate words. Two spaces are the normal form of a text without words.
 */
export function normalizeText(text: string): string {
  const words = text
    .slice(0, LONGEST_TEXT)
    .normalize("NFKD")
    .toLowerCase()
    // Apostrophes join (can't, can’t and cant are one word), and so do the accents that NFKD has split off.
    .replace(/['`\u2018\u2019\u02bc\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
  return ` ${words} `;
}
