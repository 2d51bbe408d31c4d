import { CompileError } from "../compile-error.ts";
import { dominantText, savingAdvice } from "./dominant.ts";
import { grouped } from "./numbers.ts";
import type { CompileReport } from "./report.ts";

/** Throws `MODEL_TOO_LARGE` for a model that cannot be served at the level Zkml. */
export function assertProvable(report: CompileReport): void {
  if (report.levels.zkml) return;
  refuse(
    `it cannot be proven: ${report.levels.reason ?? ""}; most constraints are in ${dominantText(report)}; ` +
      `${savingAdvice(report)}, or publish the model without the Zkml level`,
  );
}

/** Throws `MODEL_TOO_LARGE` if the circuit takes more constraints than allowed: how many, where they go, what helps. */
export function checkSize(report: CompileReport, maxConstraints: number | undefined): void {
  if (maxConstraints === undefined || report.constraints <= maxConstraints) return;
  refuse(
    `the circuit takes ${report.estimated ? "up to " : ""}${grouped(report.constraints)} constraints, ` +
      `${grouped(maxConstraints)} are allowed; most are in ${dominantText(report)}; ${savingAdvice(report)}`,
  );
}

function refuse(message: string): never {
  throw new CompileError("MODEL_TOO_LARGE", [{ code: "MODEL_TOO_LARGE", node: "", op: "", message }]);
}
