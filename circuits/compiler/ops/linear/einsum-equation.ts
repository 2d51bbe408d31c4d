import { NodeProblem } from "../../compile-error.ts";

/** A label for each axis of each operand and of the output. */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const TERM = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/;

/**
 * "ij,jk->ik" and the like. An ellipsis stands for the axes that have no letter, counted from the last; without "->" the
 * output is the ellipsis and then, in alphabetical order, the letters that occur once.
 */
export function parseEinsum(equation: string, ranks: readonly number[]): Equation {
  const [left = "", right] = equation.replaceAll(/\s/g, "").split("->");
  const terms = left.split(",");
  if (terms.length !== ranks.length)
    throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `"${equation}" is not an equation for ${ranks.length} operands`);
  const operands = terms.map((term, at) => operandLabels(term, ranks[at] ?? 0));
  const shared = operands
    .map((labels) => labels.filter((label) => label.startsWith(HIDDEN)))
    .reduce((longest, labels) => (labels.length > longest.length ? labels : longest), []);
  const output = right === undefined ? implicitOutput(operands, shared) : labelsOf(right, shared.length);
  const known = new Set(operands.flat());
  for (const label of output)
    if (!known.has(label)) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `no operand of "${equation}" has "${label}"`);
  return { operands, output };
}

const HIDDEN = "...";

function operandLabels(term: string, rank: number): string[] {
  const letters = term.replace(HIDDEN, "").length;
  const fits = term.includes(HIDDEN) ? letters <= rank : letters === rank;
  if (!fits) throw new NodeProblem("SHAPE_MISMATCH", `"${term}" does not name the axes of an operand of rank ${rank}`);
  return labelsOf(term, rank - letters);
}

function labelsOf(term: string, hiddenAxes: number): string[] {
  const [matched, before = "", ellipsis, after = ""] = TERM.exec(term) ?? [];
  if (matched === undefined) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", `"${term}" is not a term of an equation`);
  const count = ellipsis === undefined ? 0 : hiddenAxes;
  const hidden = Array.from({ length: count }, (_, at) => `${HIDDEN}${count - at}`);
  return [...Array.from(before), ...hidden, ...Array.from(after)];
}

function implicitOutput(operands: readonly (readonly string[])[], shared: readonly string[]): string[] {
  const all = operands.flat().filter((label) => !label.startsWith(HIDDEN));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...shared, ...once.sort()];
}
