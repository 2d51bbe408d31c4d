import { TeeError } from "../error.ts";

export interface RuleOutcome<R extends string> {
  readonly rule: R;
  /** What the rule asks for, for people. */
  readonly asks: string;
  readonly outcome: "passed" | "failed" | "unchecked";
  /** For people: what was found, or why it failed; empty if unchecked. */
  readonly found: string;
}

/** Every rule with what came of it. */
export interface Verdict<R extends string, F> {
  readonly rules: readonly RuleOutcome<R>[];
  readonly findings: F | null;
  readonly failure: TeeError | null;
}

/**
 * Every rule told, and a failure told instead of thrown: `rules` are those that evidence is held to, in their order, and
 * `steps` tells one after the other that passed (`checkRules`, `checkNitroRules`).
 */
export function outcomesOf<R extends string, F>(
  rules: Readonly<Record<R, string>>,
  steps: Iterator<{ readonly rule: R; readonly found: string }, F>,
): Verdict<R, F> {
  const passed: RuleOutcome<R>[] = [];
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return { rules: passed, findings: step.value, failure: null };
      const { rule, found } = step.value;
      passed.push({ rule, asks: rules[rule], outcome: "passed", found });
    }
  } catch (error) {
    if (!(error instanceof TeeError)) throw error;
    const names = Object.keys(rules).filter((name): name is R => name in rules);
    const rest = names.slice(passed.length).map((rule, i): RuleOutcome<R> => {
      const asks = rules[rule];
      return i === 0
        ? { rule, asks, outcome: "failed", found: `${error.code}: ${error.message}` }
        : { rule, asks, outcome: "unchecked", found: "" };
    });
    return { rules: [...passed, ...rest], findings: null, failure: error };
  }
}
