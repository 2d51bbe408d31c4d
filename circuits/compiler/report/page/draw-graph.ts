import { nameOf } from "../dominant.ts";
import { grouped, percent } from "../numbers.ts";
import type { CompileReport, NodeReport } from "../report.ts";
import { layoutGraph, type Place } from "./layout-graph.ts";
import { element, type Markup } from "./markup.ts";

const BOX = { width: 176, height: 46 };
const GAP = { x: 20, y: 34 };
const MARGIN = 8;
const LONGEST_LABEL = 24;

/** The compiled graph from top to bottom, each node the darker the more of the constraints are in it. */
export function drawGraph({ nodes, constraints }: CompileReport): Markup {
  const places = layoutGraph(nodes.map(({ from }) => from));
  const counts = new Map<number, number>();
  for (const { row } of places) counts.set(row, (counts.get(row) ?? 0) + 1);
  const widest = Math.max(...counts.values());
  const width = 2 * MARGIN + widest * (BOX.width + GAP.x) - GAP.x;
  const height = 2 * MARGIN + counts.size * (BOX.height + GAP.y) - GAP.y;
  const corner = ({ row, column }: Place) => ({
    x: MARGIN + (column + (widest - (counts.get(row) ?? 1)) / 2) * (BOX.width + GAP.x),
    y: MARGIN + row * (BOX.height + GAP.y),
  });

  const corners = places.map(corner);
  const edges = nodes.flatMap(({ from }, node) =>
    from.flatMap((source) => {
      const [start, end] = [corners[source], corners[node]];
      return start === undefined || end === undefined ? [] : [drawEdge(start, end)];
    }),
  );
  const largest = Math.max(1, ...nodes.map((node) => node.constraints));
  const boxes = nodes.map((node, index) => drawNode(node, corners[index] ?? { x: 0, y: 0 }, { constraints, largest }));
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": "graph-title graph-text",
    },
    element("title", { id: "graph-title" }, "The compiled graph"),
    element(
      "desc",
      { id: "graph-text" },
      `${nodes.length} nodes from top to bottom, coloured by their share of ${grouped(constraints)} constraints; the table ` +
        "of nodes says the same in words.",
    ),
    element("g", { class: "edges" }, ...edges),
    ...boxes,
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function drawEdge(source: Point, target: Point): Markup {
  const [x, y] = [source.x + BOX.width / 2, source.y + BOX.height];
  const [toX, toY] = [target.x + BOX.width / 2, target.y];
  const bend = GAP.y / 2;
  return element("path", { d: `M${x} ${y}C${x} ${y + bend} ${toX} ${toY - bend} ${toX} ${toY}` });
}

function drawNode(
  node: NodeReport,
  { x, y }: Point,
  { constraints, largest }: { readonly constraints: number; readonly largest: number },
): Markup {
  const share = node.constraints / Math.max(1, constraints);
  const middle = x + BOX.width / 2;
  const heat = Math.sqrt(node.constraints / largest) * 0.7;
  return element(
    "g",
    { class: "node" },
    element("title", {}, tooltip(node, share)),
    element("rect", { class: "box", x, y, width: BOX.width, height: BOX.height, rx: 6 }),
    element("rect", {
      class: "heat",
      x,
      y,
      width: BOX.width,
      height: BOX.height,
      rx: 6,
      "fill-opacity": heat.toFixed(3),
    }),
    element("text", { x: middle, y: y + 19 }, shortened(node.op === "" ? nameOf(node) : node.op)),
    element(
      "text",
      { class: "small", x: middle, y: y + 36 },
      node.constraints === 0 ? "free" : `${grouped(node.constraints)} (${percent(share, 1)})`,
    ),
  );
}

function tooltip(node: NodeReport, share: number): string {
  return [
    nameOf(node),
    ...(node.shape.length === 0 ? [] : [`shape [${node.shape.join(", ")}]`]),
    ...(node.bits === null ? [] : [`bits ${bitsText(node.bits)}`]),
    `${grouped(node.constraints)} constraints, ${percent(share, 1)}`,
  ].join("\n");
}

export function bitsText(bits: NodeReport["bits"]): string {
  if (bits === null) return "";
  return bits.least === bits.most ? String(bits.least) : `${bits.least}-${bits.most}`;
}

function shortened(text: string): string {
  const letters = Array.from(text);
  return letters.length <= LONGEST_LABEL ? text : `${letters.slice(0, LONGEST_LABEL - 1).join("")}\u2026`;
}
