import { createHash } from "node:crypto";

import { codeOf, lineAt } from "../../test/contracts/declared-errors.ts";

/** The condition of an `if` or a `require`. The tag says that it was false, the next higher one that it was true. */
export interface Condition {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly tag: bigint;
}

/** Every `if (...)` and `require(...)` of a source. Conditions of loops, `? :` and assembly are not among them. */
export function conditionsIn(file: string, source: string): Condition[] {
  return spans(source).map(({ start, end }, index) => ({
    file,
    line: lineAt(source, start),
    text: source.slice(start, end).replace(/\s+/g, " "),
    tag: tagOf(file, index),
  }));
}

/** Makes every condition of a source, that Hardhat has instrumented already, report to which side it went. */
export function reportSides(file: string, source: string): string {
  const report = `__side${tagOf(file, 0).toString(16).slice(0, 16)}`;
  let [text, at] = ["", 0];
  for (const [index, { start, end }] of spans(source).entries()) {
    text += `${source.slice(at, start)}${report}(${source.slice(start, end)}, ${tagOf(file, index)})`;
    at = end;
  }
  if (at === 0) return source;
  // Free functions of files that import each other as a whole share one namespace, hence the name with the tag.
  return `${text}${source.slice(at)}
function ${report}(bool value, uint256 tag) pure returns (bool) {
    __NomicFoundationCoverage.sendHit(value ? tag + 1 : tag);
    return value;
}
`;
}

function spans(source: string): { start: number; end: number }[] {
  const code = codeOf(source);
  return [...code.matchAll(/\b(if|require)\s*\(/g)].map((match) => {
    const start = match.index + match[0].length;
    return { start, end: endOfArgument(code, start) };
  });
}

/** Where the bracket closes in which `start` is, or where the first comma is that stands in no other bracket. */
function endOfArgument(code: string, start: number): number {
  let depth = 0;
  for (let at = start; at < code.length; at++) {
    const character = code.charAt(at);
    if (depth === 0 && (character === ")" || character === ",")) return at;
    if ("([{".includes(character)) depth++;
    if (")]}".includes(character)) depth--;
  }
  throw new Error("a bracket is never closed");
}

/** Even, so that the tags of the two sides differ in the last bit. */
function tagOf(file: string, index: number): bigint {
  const hash = createHash("sha256").update(`${file}:${index}`).digest("hex");
  return (BigInt(`0x${hash}`) >> 1n) << 1n;
}
