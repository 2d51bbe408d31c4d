import { levelsText } from "./levels.ts";
import { duration, grouped, memory, percent } from "./numbers.ts";
import { MACHINE } from "./proving-cost.ts";
import type { CompileReport } from "./report.ts";

/** The report as text for a terminal. */
export function formatReport(report: CompileReport): string {
  const rows = report.nodes
    .filter(({ constraints, op }) => constraints > 0 || op !== "")
    .map(({ node, op, shape, constraints, bits }) => [
      node === "" ? "(rounding)" : node,
      op,
      shape.length === 0 ? "" : `[${shape.join(", ")}]`,
      bits === null ? "" : bits.least === bits.most ? String(bits.least) : `${bits.least}-${bits.most}`,
      grouped(constraints),
    ]);
  const { quantization } = report;
  const samples = `${grouped(quantization.samples)} ${quantization.source === "given" ? "given" : "drawn"} samples`;
  return [
    report.name,
    ...report.inputs.map((spec) => `  input  ${spec.name}: ${typeName(spec)}`),
    ...report.outputs.map((spec) => `  output ${spec.name}: ${typeName(spec)}`),
    "",
    ...alignRows([["node", "op", "shape", "bits", "constraints"], ...rows]),
    "",
    `constraints     ${report.estimated ? "at most " : ""}${grouped(report.constraints)}`,
    `domain          2^${Math.log2(report.domain)} = ${grouped(report.domain)}, headroom ${grouped(report.headroom)}`,
    `wires           ${report.estimated ? "at most " : ""}${grouped(report.wires)}`,
    `public signals  ${grouped(report.publicSignals)}`,
    `proving key     about ${memory(report.zkeyBytes)}`,
    `proof           about ${duration(report.proveSeconds)} and ${memory(report.proveMemoryBytes)}: an estimate for ${MACHINE}`,
    `verification    about ${grouped(report.verifyGas)} gas`,
    `levels          ${levelsText(report.levels)}`,
    `agreement       ${percent(quantization.agreement, 2)} of labels, largest error ` +
      `${percent(quantization.maxError, 2)} of the range, on ${samples}`,
    ...report.warnings.map((warning) => `warning: ${warning}`),
  ]
    .map(printable)
    .join("\n");
}

/** A model's names may hold control characters, which a terminal would obey. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, "\ufffd");
}

export function typeName({ kind, bits, decimals, shape }: CompileReport["inputs"][number]): string {
  return `${kind}${bits}[${shape.join(", ")}]${decimals === 0 ? "" : `, ${decimals} decimals`}`;
}

/** Names to the left, figures (the last two columns) to the right. */
function alignRows(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < columns - 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
