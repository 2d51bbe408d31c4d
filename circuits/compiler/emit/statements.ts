const TERMS = 8;

/** A product of an integer and a name, with its sign. */
export interface NamedTerm {
  readonly weight: bigint;
  readonly name: string;
}

/**
 * `target = constant; target += ...;` in short statements: one long expression overflows the stack of the Circom
 * compiler.
 */
export function assignSum(target: string, constant: bigint, terms: readonly NamedTerm[]): string[] {
  const lines = [`${target} = ${constant};`];
  for (let start = 0; start < terms.length; start += TERMS)
    lines.push(
      `${target} += ${terms
        .slice(start, start + TERMS)
        .map(signed)
        .join(" ")};`,
    );
  return lines;
}

function signed({ weight, name }: NamedTerm, index: number): string {
  const size = weight < 0n ? -weight : weight;
  const product = size === 1n ? name : `${size} * ${name}`;
  if (weight < 0n) return index === 0 ? `-${product}` : `- ${product}`;
  return index === 0 ? product : `+ ${product}`;
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `    ${line}`));
}
