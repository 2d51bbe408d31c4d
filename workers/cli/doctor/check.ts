import { AssayError } from "../../../circuits/format/error.ts";

/** What a check found. `problem`: do not start; `warning`: it will work, until it does not. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warning" | "problem";
  readonly message: string;
  /** What to do about it; empty if nothing. */
  readonly remedy: string;
}

/** What a check says of what it looked at. */
export type Verdict = string | { readonly warning: string; readonly remedy: string };

/** A check fails by throwing. */
class Problem extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

export function problem(message: string, remedy: string): Problem {
  return new Problem(message, remedy);
}

/** @param remedy What to do if it fails in a way that it does not know itself. */
export async function check(name: string, remedy: string, look: () => Verdict | Promise<Verdict>): Promise<Finding> {
  try {
    const verdict = await look();
    if (typeof verdict === "string") return { name, state: "ok", message: verdict, remedy: "" };
    return { name, state: "warning", message: verdict.warning, remedy: verdict.remedy };
  } catch (error) {
    const code = error instanceof AssayError ? `${error.code}: ` : "";
    const message = `${code}${error instanceof Error ? error.message : String(error)}`;
    return { name, state: "problem", message, remedy: error instanceof Problem ? error.remedy : remedy };
  }
}

export function linesOf(findings: readonly Finding[]): string[] {
  const words = { ok: "ok     ", warning: "WARNING", problem: "PROBLEM" };
  return findings.flatMap(({ name, state, message, remedy }) => [
    `${words[state]} ${name}: ${message}`,
    ...(remedy === "" ? [] : [`        -> ${remedy}`]),
  ]);
}
