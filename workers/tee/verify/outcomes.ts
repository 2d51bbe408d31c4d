import { TeeError } from "../error.ts";
import { type Rule, RULES } from "./rules.ts";
import { checkRules, type QuoteFindings, type VerifyQuoteParameters } from "./verify-quote.ts";

export interface RuleOutcome {
  readonly rule: Rule;
  readonly outcome: "passed" | "failed" | "unchecked";
  /** For people: what was found, or why it failed; empty if unchecked. */
  readonly found: string;
}

/** Every rule with what came of it. */
export interface Verdict {
  readonly rules: readonly RuleOutcome[];
  readonly findings: QuoteFindings | null;
  readonly failure: TeeError | null;
}

const NAMES = Object.keys(RULES).filter((name): name is Rule => name in RULES);

/** As `verifyQuote`, but with every rule told, and a failure told instead of thrown. */
export function outcomesOf(quote: Uint8Array, parameters: VerifyQuoteParameters): Verdict {
  const passed: RuleOutcome[] = [];
  try {
    const steps = checkRules(quote, parameters);
    for (;;) {
      const step = steps.next();
      if (step.done) return { rules: passed, findings: step.value, failure: null };
      passed.push({ ...step.value, outcome: "passed" });
    }
  } catch (error) {
    if (!(error instanceof TeeError)) throw error;
    const rest = NAMES.slice(passed.length).map((rule, i): RuleOutcome =>
      i === 0
        ? { rule, outcome: "failed", found: `${error.code}: ${error.message}` }
        : { rule, outcome: "unchecked", found: "" },
    );
    return { rules: [...passed, ...rest], findings: null, failure: error };
  }
}
