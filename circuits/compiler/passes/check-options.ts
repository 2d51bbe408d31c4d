import { Diagnostics } from "../compile-error.ts";
import type { CompileOptions } from "../options.ts";

/** Throws `OPTIONS_INVALID` for options that no model could be compiled with. */
export function checkOptions(options: CompileOptions): void {
  const problems = new Diagnostics();
  const refuse = (name: string, message: string): void => problems.add("OPTION_INVALID", { name, op: "" }, message);
  for (const name of ["weightBits", "activationBits"] as const) {
    const bits = options[name];
    if (bits !== undefined && (!Number.isInteger(bits) || bits < 2 || bits > 24))
      refuse(name, `${name} must be a whole number from 2 to 24, not ${bits}`);
  }
  for (const name of ["agreement", "maxError"] as const) {
    const share = options[name];
    if (share !== undefined && !(share >= 0 && share <= 1)) refuse(name, `${name} must be from 0 to 1, not ${share}`);
  }
  const { maxConstraints } = options;
  if (maxConstraints !== undefined && !(Number.isSafeInteger(maxConstraints) && maxConstraints > 0))
    refuse("maxConstraints", `maxConstraints must be a whole number above 0, not ${maxConstraints}`);
  for (const [name, size] of Object.entries(options.dimensions ?? {}))
    if (!Number.isInteger(size) || size < 1)
      refuse(name, `dimension "${name}" must be a positive whole number, not ${size}`);
  problems.throwIfAny("OPTIONS_INVALID");
}
