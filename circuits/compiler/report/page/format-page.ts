import { typeName } from "../format-report.ts";
import { levelsText } from "../levels.ts";
import { nameOf } from "../dominant.ts";
import { duration, grouped, memory, percent } from "../numbers.ts";
import { MACHINE } from "../proving-cost.ts";
import type { CompileReport } from "../report.ts";
import { drawComparison, table } from "./draw-comparison.ts";
import { bitsText, drawGraph } from "./draw-graph.ts";
import { element, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

/**
 * The report as one HTML file that needs nothing else: no script, no font, no network. It is well-formed XML too. Every
 * name from the model is escaped.
 */
export function formatReportPage(report: CompileReport): string {
  const page = element(
    "html",
    { lang: "en" },
    element(
      "head",
      {},
      element("meta", { charset: "utf-8" }),
      element("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      element("title", {}, `${report.name}: compile report`),
      element("style", {}, STYLE),
    ),
    element("body", {}, element("main", {}, ...sections(report))),
  );
  return `<!DOCTYPE html>\n${page.text}\n`;
}

function sections(report: CompileReport): Markup[] {
  const { quantization, comparison } = report;
  return [
    element("h1", {}, report.name),
    element(
      "p",
      { class: "note" },
      "What proving this model costs and how close its integers come, before any proving.",
    ),
    ...warnings(report),
    element("h2", {}, "Summary"),
    figures(report),
    element("p", { class: "note" }, `Times, memory and sizes of keys are estimates for ${MACHINE}.`),
    element("h2", {}, "Where the constraints are"),
    element("div", { class: "scroll", tabindex: 0 }, drawGraph(report)),
    element("h2", {}, "Integers against the float model"),
    element(
      "p",
      {},
      `On ${grouped(quantization.samples)} ${quantization.source} samples: ${percent(quantization.agreement, 2)} of labels ` +
        `agree, and the largest error of a number is ${percent(quantization.maxError, 2)} of its range.`,
    ),
    ...comparison.map(drawComparison),
    element("h2", {}, "Nodes"),
    element("div", { class: "nodes" }, nodeTable(report)),
  ];
}

function warnings({ warnings: texts }: CompileReport): Markup[] {
  if (texts.length === 0) return [];
  const items = texts.map((text) => element("li", {}, text));
  return [element("h2", {}, "Warnings"), element("ul", { class: "warnings" }, ...items)];
}

function figures(report: CompileReport): Markup {
  const most = report.estimated ? "at most " : "";
  const rows: readonly (readonly [string, string])[] = [
    ...report.inputs.map((spec) => [`input ${spec.name}`, typeName(spec)] as const),
    ...report.outputs.map((spec) => [`output ${spec.name}`, typeName(spec)] as const),
    ["constraints", most + grouped(report.constraints)],
    ["domain", `2^${Math.log2(report.domain)}, headroom ${grouped(report.headroom)}`],
    ["wires", most + grouped(report.wires)],
    ["public signals", grouped(report.publicSignals)],
    ["proving key", `about ${memory(report.zkeyBytes)}`],
    ["time of a proof", `about ${duration(report.proveSeconds)}`],
    ["memory of a proof", `about ${memory(report.proveMemoryBytes)}`],
    ["verification on chain", `about ${grouped(report.verifyGas)} gas`],
    ["levels", levelsText(report.levels)],
  ];
  const pairs = rows.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  return element("dl", { class: "figures" }, ...pairs);
}

function nodeTable({ nodes, constraints }: CompileReport): Markup {
  return table(
    ["node", "operator", "shape", "bits", "constraints", "share"],
    nodes.map((node) => [
      node.node === "" ? nameOf(node) : node.node,
      node.op,
      node.shape.join(" \u00d7 "),
      bitsText(node.bits),
      grouped(node.constraints),
      percent(node.constraints / Math.max(1, constraints), 1),
    ]),
  );
}
