/** Circom statements that hint the bits of `sum` and pin them to it; a template must make them boolean next. */
export function hintBits(bits: string, count: number, sum: string): string[] {
  return [
    `for (var k = 0; k < ${count}; k++) { ${bits}[k] <-- (${sum} >> k) & 1; }`,
    "recomposed = 0;",
    `for (var k = 0; k < ${count}; k++) { recomposed += ${bits}[k] * 2 ** k; }`,
    `recomposed === ${sum};`,
  ];
}
