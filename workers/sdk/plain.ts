import type { ParamType } from "ethers";

/**
 * The one place where ethers' results become plain values: tuples become objects with the ABI's names, arrays become
 * arrays, everything else (bigint, string, boolean) stays as it is.
 */
export function toPlain(parameter: ParamType, value: unknown): unknown {
  if (parameter.isArray()) return listOf(value).map((item) => toPlain(parameter.arrayChildren, item));
  if (parameter.isTuple()) return toPlainObject(parameter.components, listOf(value));
  return value;
}

/** Values in the order of their parameters as an object of their names; a nameless one gets its position. */
export function toPlainObject(parameters: readonly ParamType[], values: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    parameters.map((parameter, index) => [parameter.name || String(index), toPlain(parameter, values[index])]),
  );
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError("the ABI says list or tuple, but the value is neither");
  return Array.from<unknown>(value);
}
