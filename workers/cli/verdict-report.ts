import type { Verdict } from "../tee/verify/outcomes.ts";
import { createOutput, type Diagnostic } from "./output.ts";
import { printable } from "./tree-lines.ts";

/** What every kind of evidence is found to say. Byte strings in hexadecimal with 0x, times in seconds since 1970. */
export interface Findings {
  readonly measurement: string;
  readonly reportData: string;
  readonly simulated: boolean;
  /** Until when it counts if it is shown now; null if that is the contract's to say. */
  readonly validUntil: number | null;
}

export interface ReportOptions {
  readonly json: boolean;
  /** What is asked for, and must be found. */
  readonly reportData?: string;
  readonly measurement?: string;
}

const MARKS = { passed: "ok  ", failed: "FAIL", unchecked: "-   " } as const;

/** Tells every rule with its outcome, and fails the command if one failed or something else was found than asked for. */
export function reportVerdict(
  { rules, findings, failure }: Verdict<string, Findings>,
  options: ReportOptions,
  onChain?: string,
): void {
  const verdict = failure?.code ?? "passes";
  const diagnostics = [
    ...(failure === null ? [] : [diagnostic(failure.code, failure.message)]),
    ...(findings === null ? [] : mismatches(findings, options)),
    ...(onChain === undefined || onChain === verdict
      ? []
      : [diagnostic("VERDICTS_DIFFER", `here: ${verdict}, on chain: ${onChain}`)]),
  ];
  createOutput(options.json).result(
    { ok: diagnostics.length === 0, verdict, rules, findings, ...(onChain !== undefined && { onChain }), diagnostics },
    [
      ...rules.map(
        ({ asks, outcome, found }) => `${MARKS[outcome]}  ${asks}${found === "" ? "" : `: ${printable(found)}`}`,
      ),
      ...(findings === null ? [] : findingLines(findings)),
      ...(onChain === undefined ? [] : [`the contract says: ${onChain}`]),
    ].join("\n"),
  );
  if (diagnostics.length === 0) return;
  if (!options.json) for (const { code, message } of diagnostics) process.stderr.write(`${code}: ${message}\n`);
  process.exitCode = 1;
}

function findingLines({ simulated, measurement, reportData, validUntil }: Findings): string[] {
  return [
    `measurement ${measurement}`,
    `report data ${reportData}`,
    ...(validUntil === null ? [] : [`counts until ${new Date(validUntil * 1000).toISOString()}`]),
    ...(simulated ? ["SIMULATED: the root is none of hardware, and nothing shows that there is any"] : []),
  ];
}

function mismatches(had: Findings, { reportData, measurement }: ReportOptions): Diagnostic[] {
  return [
    ...(reportData === undefined || reportData === had.reportData
      ? []
      : [diagnostic("ReportDataMismatch", `the report data is not ${reportData}`)]),
    ...(measurement === undefined || measurement === had.measurement
      ? []
      : [diagnostic("MEASUREMENT_MISMATCH", `the measurement is not ${measurement}`)]),
  ];
}

const diagnostic = (code: string, message: string): Diagnostic => ({ code, node: null, op: null, message });
