import type { Comparison } from "../compare-outputs.ts";
import { grouped } from "../numbers.ts";
import { element, type Markup } from "./markup.ts";

const SIZE = 340;
const MARGIN = { left: 64, bottom: 34, top: 10, right: 14 };
/** A matrix of more classes than this is hard to read: then only what differs is listed. */
const MOST_CLASSES = 16;
const MOST_DIFFERENCES = 30;

/** How the integers follow the float model: labels as a table, numbers as points along a diagonal. */
export function drawComparison(comparison: Comparison): Markup {
  return element(
    "section",
    {},
    element("h3", {}, comparison.output),
    ...(comparison.label ? labelTable(comparison) : [scatter(comparison)]),
  );
}

function labelTable({ float, integer }: Comparison): Markup[] {
  const pairs = float.map((label, at) => [label, integer[at] ?? label] as const);
  const equal = pairs.filter(([one, other]) => one === other).length;
  const sentence = element("p", {}, `${grouped(equal)} of ${grouped(pairs.length)} labels are equal.`);
  const classes = [...new Set(pairs.flat())].sort((a, b) => a - b);
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.join(), (counts.get(pair.join()) ?? 0) + 1);
  if (classes.length <= MOST_CLASSES) return [sentence, confusion(classes, counts)];
  const different = [...counts].map(([pair, count]) => ({ pair: pair.split(","), count }));
  const wrong = different.filter(({ pair: [one, other] }) => one !== other).sort((a, b) => b.count - a.count);
  if (wrong.length === 0) return [sentence];
  return [
    sentence,
    table(
      ["float", "integer", "samples"],
      wrong.slice(0, MOST_DIFFERENCES).map(({ pair, count }) => [...pair, String(count)]),
    ),
  ];
}

function confusion(classes: readonly number[], counts: ReadonlyMap<string, number>): Markup {
  return table(
    ["float \\ integer", ...classes.map(String)],
    classes.map((row) => [String(row), ...classes.map((column) => String(counts.get(`${row},${column}`) ?? ""))]),
  );
}

/** The first column names the rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return element(
    "div",
    { class: "scroll", tabindex: 0 },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
      element(
        "tbody",
        {},
        ...rows.map(([first = "", ...rest]) =>
          element("tr", {}, element("th", { scope: "row" }, first), ...rest.map((cell) => element("td", {}, cell))),
        ),
      ),
    ),
  );
}

function scatter({ output, float, integer }: Comparison): Markup {
  const all = [...float, ...integer];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const span = most > least ? most - least : 1;
  const inner = { width: SIZE - MARGIN.left - MARGIN.right, height: SIZE - MARGIN.top - MARGIN.bottom };
  const x = (value: number): string => (MARGIN.left + ((value - least) / span) * inner.width).toFixed(1);
  const y = (value: number): string => (SIZE - MARGIN.bottom - ((value - least) / span) * inner.height).toFixed(1);
  const furthest = float.reduce((far, value, at) => Math.max(far, Math.abs(value - (integer[at] ?? value))), 0);
  const text = `${grouped(float.length)} values between ${short(least)} and ${short(most)}; largest difference ${short(furthest)}.`;
  const end = least + span;
  return element(
    "figure",
    {},
    element(
      "svg",
      {
        xmlns: "http://www.w3.org/2000/svg",
        viewBox: `0 0 ${SIZE} ${SIZE}`,
        width: SIZE,
        height: SIZE,
        role: "img",
        "aria-label": `Integer against float values of ${output}: ${text}`,
      },
      element("line", { class: "axis", x1: x(least), y1: y(least), x2: x(end), y2: y(least) }),
      element("line", { class: "axis", x1: x(least), y1: y(least), x2: x(least), y2: y(end) }),
      element("line", { class: "diagonal", x1: x(least), y1: y(least), x2: x(end), y2: y(end) }),
      ...float.map((value, at) =>
        element("circle", { class: "point", cx: x(value), cy: y(integer[at] ?? value), r: 2.5 }),
      ),
      element("text", { class: "small start", x: x(least), y: SIZE - 18 }, short(least)),
      element("text", { class: "small end", x: x(end), y: SIZE - 18 }, short(end)),
      element("text", { class: "small", x: MARGIN.left + inner.width / 2, y: SIZE - 4 }, "float model"),
      element("text", { class: "small end", x: MARGIN.left - 6, y: y(least) }, short(least)),
      element("text", { class: "small end", x: MARGIN.left - 6, y: Number(y(end)) + 8 }, short(end)),
      element("text", { class: "small end", x: MARGIN.left - 6, y: MARGIN.top + inner.height / 2 }, "integers"),
    ),
    element("figcaption", {}, text),
  );
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
