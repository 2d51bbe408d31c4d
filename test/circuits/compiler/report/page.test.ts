import { expect } from "chai";
import fc from "fast-check";

import { compile, type CompileReport, formatReport, formatReportPage } from "../../../../circuits/compiler/index.ts";
import { layoutGraph } from "../../../../circuits/compiler/report/page/layout-graph.ts";
import { escapeText } from "../../../../circuits/compiler/report/page/markup.ts";
import { buildMlp, buildOnnx } from "../build-onnx.ts";
import { readXml, type XmlElement } from "./read-xml.ts";

const EVIL = `</title><script>alert("1")</script><a b='&amp;'>\u0001\u001b[31m\ud800`;

/** Two inputs, a branch, a numeric output and names that try to break out. */
const twoInputs = buildOnnx({
  inputs: [
    { name: "x", shape: ["n", 3] },
    { name: "y", shape: ["n", 2] },
  ],
  outputs: ["z"],
  constants: [
    { name: "w", shape: [3, 4], values: Array.from({ length: 12 }, (_, at) => (at % 5) - 2) },
    { name: "v", shape: [2, 4], values: Array.from({ length: 8 }, (_, at) => (at % 3) - 1) },
  ],
  nodes: [
    { op: "MatMul", name: "left", inputs: ["x", "w"], outputs: ["a"] },
    { op: "Relu", name: EVIL, inputs: ["a"], outputs: ["b"] },
    { op: "MatMul", name: "right", inputs: ["y", "v"], outputs: ["c"] },
    { op: "Relu", inputs: ["c"], outputs: ["d"] },
    { op: "Add", inputs: ["b", "d"], outputs: ["z"] },
  ],
});

function all(element: XmlElement, name: string): XmlElement[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))];
}

function textOf(element: XmlElement): string {
  return element.text + element.children.map(textOf).join("");
}

describe("the report's page", () => {
  const { report } = compile(twoInputs, { name: EVIL });
  const page = formatReportPage(report);
  const html = readXml(page);

  it("is well-formed, and whatever a name holds stays text", () => {
    expect(all(html, "script")).to.deep.equal([]);
    expect(page)
      .not.to.include("<script")
      .and.not.to.match(/(?!\n)\p{Cc}/u);
    const [title] = all(html, "title");
    expect(title && textOf(title)).to.include(`</title><script>alert("1")</script><a b='&amp;'>`);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        const text = String.fromCharCode(...units, 0xd800);
        const written = readXml(`<a b="${escapeText(text)}">${escapeText(text)}</a>`);
        expect(written.text).to.equal(written.attributes.get("b"));
        expect(written.children).to.deep.equal([]);
      }),
    );
  });

  it("needs nothing from anywhere else", () => {
    expect(page).not.to.match(/\b(?:src|href|url|import)\b\s*[=("]/);
    expect(all(html, "link")).to.deep.equal([]);
    expect(page).to.include("prefers-color-scheme: dark");
  });

  it("draws every node once, with what it is and what it costs, and an edge for everything that it takes", () => {
    const [graph] = all(html, "svg");
    if (graph === undefined) throw new Error("no picture");
    const nodes = all(graph, "g").filter(({ attributes }) => attributes.get("class") === "node");
    expect(nodes).to.have.length(report.nodes.length);
    const edges = report.nodes.reduce((sum, { from }) => sum + from.length, 0);
    expect(edges).to.be.greaterThan(4);
    expect(all(graph, "path")).to.have.length(edges);
    const titles = nodes.map((node) => textOf(node));
    const relu = report.nodes.find(({ op }) => op === "Relu");
    expect(titles.find((text) => text.includes("Relu"))).to.include(`${relu?.constraints ?? -1} constraints`);
    expect(titles.find((text) => text.includes("Relu")))
      .to.include("shape [1, 4]")
      .and.include("bits ");
    expect(graph.attributes.get("role")).to.equal("img");
    expect(all(graph, "desc")).to.have.length(1);
  });

  it("plots numbers against the diagonal, all within the frame", () => {
    const [comparison] = report.comparison;
    expect(comparison?.label).to.equal(false);
    expect(comparison?.float.length).to.be.within(100, 400);
    const points = all(html, "circle");
    expect(points).to.have.length(comparison?.float.length ?? 0);
    for (const { attributes } of points)
      for (const axis of ["cx", "cy"]) {
        const at = Number(attributes.get(axis));
        expect(at >= 0 && at <= 340, axis).to.equal(true);
      }
    const figure = all(html, "svg")[1];
    expect(figure?.attributes.get("aria-label")).to.include("largest difference");
  });

  it("counts labels in a table", () => {
    const labelled = compile(buildMlp([6, 9, 4], 3), { name: "labels" }).report;
    const shown = readXml(formatReportPage(labelled));
    const [comparison] = labelled.comparison;
    const equal = comparison?.float.filter((label, at) => label === comparison.integer[at]).length ?? -1;
    expect(textOf(shown)).to.include(`${equal} of ${comparison?.float.length ?? 0} labels are equal`);
    expect(all(shown, "circle")).to.deep.equal([]);
    const cells = all(shown, "table")
      .filter((table) => textOf(table).includes("float \\ integer"))
      .flatMap((table) => all(table, "td"))
      .reduce((sum, cell) => sum + Number(cell.text), 0);
    expect(cells).to.equal(comparison?.float.length);
  });

  it("lists only what differs among many labels", () => {
    const float = Array.from({ length: 100 }, (_, at) => at % 50);
    const integer = float.map((label) => (label === 7 ? 8 : label));
    const many: CompileReport = { ...report, comparison: [{ output: "label", label: true, float, integer }] };
    const shown = readXml(formatReportPage(many));
    expect(textOf(shown)).to.include("98 of 100 labels are equal");
    expect(all(shown, "tr").filter((row) => textOf(row) === "782")).to.have.length(1);
  });

  it("has no control characters in its text either", () => {
    expect(formatReport(report).replaceAll("\n", "")).not.to.match(/\p{Cc}/u);
  });
});

describe("the layout of a graph", () => {
  it("puts every node below what it takes, and no two at one place", () => {
    const graphs = fc
      .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 40 })
      .map((nodes) => nodes.map((from, node) => (node === 0 ? [] : [...new Set(from.map((source) => source % node))])));
    fc.assert(
      fc.property(graphs, (from) => {
        const places = layoutGraph(from);
        from.forEach((sources, node) => {
          for (const source of sources) expect((places[source]?.row ?? 0) < (places[node]?.row ?? 0)).to.equal(true);
        });
        expect(new Set(places.map(({ row, column }) => `${row},${column}`)).size).to.equal(from.length);
      }),
    );
  });

  it("does not cross what need not cross", () => {
    expect(layoutGraph([[], [0], [0], [1], [2]]).map(({ column }) => column)).to.deep.equal([0, 0, 1, 0, 1]);
    expect(layoutGraph([[], [0], [0], [2], [1]]).map(({ column }) => column)).to.satisfy(
      ([, left = 0, right = 0, ofRight = 0, ofLeft = 0]: number[]) => left < right === ofLeft < ofRight,
    );
  });
});
