import type { ZodError } from "zod";

/** Every problem that a schema found, each with the path of the value: what a typed error then lists. */
export function problemsIn(error: ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join(".") || "(root)"}: ${issue.message}`);
}
