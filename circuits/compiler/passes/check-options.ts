import { Diagnostics } from "../compile-error.ts";
import type { CompileOptions } from "../options.ts";

/** Throws `OPTIONS_INVALID` for options that no model could be compiled with. */
export function checkOptions({ dimensions, ...options }: CompileOptions): void {
  const problems = new Diagnostics();
  const check = (name: string, value: number | undefined, isGood: (value: number) => boolean, wanted: string): void => {
    if (value !== undefined && !isGood(value))
      problems.add("OPTION_INVALID", { name, op: "" }, `${name} must be ${wanted}, not ${value}`);
  };
  for (const name of ["weightBits", "activationBits"] as const)
    check(
      name,
      options[name],
      (bits) => Number.isInteger(bits) && bits >= 2 && bits <= 24,
      "a whole number from 2 to 24",
    );
  for (const name of ["agreement", "maxError"] as const)
    check(name, options[name], (share) => share >= 0 && share <= 1, "from 0 to 1");
  check("maxConstraints", options.maxConstraints, isCount, "a whole number above 0");
  for (const [name, size] of Object.entries(dimensions ?? {}))
    check(`dimension "${name}"`, size, isCount, "a whole number above 0");
  problems.throwIfAny("OPTIONS_INVALID");
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
