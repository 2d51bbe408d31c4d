import { normalizeText } from "../../circuits/format/adapter.ts";
import type { Question } from "./questions.ts";

const RAREST = 4;
const SHORTEST_START = 3;
const LONGEST_START = 6;

/**
 * The `count` phrases that say most about the intent: words, pairs of neighbours and beginnings of words (a stemmer
 * without rules: `" deliv"` covers deliver, delivered and delivery), ranked by mutual information with the label.
 * Fewer if the questions do not have as many phrases that occur at least four times.
 */
export function choosePhrases(questions: readonly Question[], count: number): string[] {
  const labelTotals = new Map<string, number>();
  const totals = new Map<string, Map<string, number>>();
  for (const { text, label } of questions) {
    labelTotals.set(label, (labelTotals.get(label) ?? 0) + 1);
    for (const phrase of phrasesIn(text)) {
      const byLabel = totals.get(phrase) ?? new Map<string, number>();
      byLabel.set(label, (byLabel.get(label) ?? 0) + 1);
      totals.set(phrase, byLabel);
    }
  }
  const ranked = [...totals].flatMap(([phrase, byLabel]) => {
    const information = mutualInformation(byLabel, labelTotals, questions.length);
    return information === undefined ? [] : [{ phrase, information }];
  });
  // Ties by code unit, so that the order never depends on a locale.
  ranked.sort((a, b) => b.information - a.information || (a.phrase < b.phrase ? -1 : 1));
  return ranked.slice(0, count).map(({ phrase }) => phrase);
}

function phrasesIn(text: string): Set<string> {
  const words = normalizeText(text).trim().split(" ");
  const phrases = new Set<string>();
  words.forEach((word, at) => {
    if (word === "") return;
    phrases.add(` ${word} `);
    const next = words[at + 1];
    if (next !== undefined) phrases.add(` ${word} ${next} `);
    for (let length = SHORTEST_START; length <= Math.min(LONGEST_START, word.length); length++)
      phrases.add(` ${word.slice(0, length)}`);
  });
  return phrases;
}

/** In nats, between "the phrase occurs" and the label; undefined for phrases too rare to judge. */
function mutualInformation(
  byLabel: ReadonlyMap<string, number>,
  labelTotals: ReadonlyMap<string, number>,
  questions: number,
): number | undefined {
  let present = 0;
  for (const count of byLabel.values()) present += count;
  if (present < RAREST) return undefined;
  const absent = questions - present;
  let sum = 0;
  for (const [label, total] of labelTotals) {
    const withPhrase = byLabel.get(label) ?? 0;
    const without = total - withPhrase;
    if (withPhrase > 0) sum += withPhrase * Math.log((withPhrase * questions) / (present * total));
    if (without > 0) sum += without * Math.log((without * questions) / (absent * total));
  }
  return sum / questions;
}
