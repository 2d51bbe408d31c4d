import type { FloatGraph } from "../graph/graph.ts";
import type { LinearLayer, MaxLayer, Origin, ProductLayer, ValueId } from "../graph/layer.ts";
import { forEachEntry } from "../graph/matrix.ts";
import { layerSize } from "../layers/table.ts";
import type { ExpandedLayer } from "./expand-softmax.ts";

/** Element i of a value as a function of element i of `base`, the same for all i. */
interface Pointwise {
  readonly base: ValueId;
  readonly of: (x: number) => number;
  /** Layers between the two that cost constraints, and how many of them are tables. */
  readonly costly: number;
  readonly curves: number;
  readonly origins: readonly Origin[];
}

/**
 * Turns what depends on one number each into one curve of that number: x * Sigmoid(x), x * (1 + Erf(x / sqrt(2))) / 2 or
 * 1 / Sqrt(x + c) as exporters write them. One table costs less than several and products between them, and is rounded
 * once. Layers that are no longer needed stay: `fuse` drops them. Runs before chains of linear layers are merged, which
 * would hide that two of them start from the same numbers.
 */
export function fuseCurves(graph: FloatGraph<ExpandedLayer>): FloatGraph<ExpandedLayer> {
  const first = graph.inputs.length;
  const uses = countUses(graph);
  const published = new Set(graph.outputs.map(({ value }) => value));
  const found: Pointwise[] = graph.inputs.map((_, id) => startingAt(id));
  /** What costs something and is used twice is computed once. */
  const seen = (id: ValueId): Pointwise => {
    const known = found[id];
    return known === undefined || (known.costly > 0 && (uses[id] ?? 0) > 1) ? startingAt(id) : known;
  };
  const layers = graph.layers.map((layer, index): ExpandedLayer => {
    const id = first + index;
    const origin = graph.origins[index] ?? { nodes: [], ops: [], shape: [] };
    const before = layer.kind === "max" ? graph.layers[layer.inputs[0] - first] : undefined;
    const composed =
      layer.kind === "max" && before?.kind === "linear"
        ? composeMax(layer, before, before.inputs.map(seen), origin)
        : compose(layer, layer.inputs.map(seen), origin);
    found.push(composed ?? startingAt(id));
    if (composed === undefined || !isWorthwhile(composed, layer, published.has(id))) return layer;
    const name = [...new Set(composed.origins.flatMap(({ ops }) => ops))].join("+");
    const relative = layer.kind === "curve" && layer.curve.relative === true;
    const curve = { name, of: composed.of, ...(relative && { relative }) };
    return Object.freeze({ kind: "curve", inputs: [composed.base] as const, size: layerSize(layer), curve });
  });
  const origins = graph.origins.map((origin, index) => {
    const composed = found[first + index];
    return layers[index] === graph.layers[index] || composed === undefined ? origin : merge(composed.origins, origin);
  });
  return Object.freeze({ ...graph, layers, origins });
}

function startingAt(base: ValueId): Pointwise {
  return { base, of: (x) => x, costly: 0, curves: 0, origins: [] };
}

/** What is published is rounded by its table instead of once more. */
function isWorthwhile({ costly, curves }: Pointwise, layer: ExpandedLayer, isPublished: boolean): boolean {
  return curves > 0 && (costly > 1 || layer.kind === "curve" || isPublished);
}

/** Undefined for a layer that mixes elements, treats them differently, or depends on two numbers. */
function compose(layer: ExpandedLayer, inputs: readonly Pointwise[], origin: Origin): Pointwise | undefined {
  const [one, other = one] = inputs;
  if (one === undefined || other === undefined || inputs.some(({ base }) => base !== one.base)) return undefined;
  switch (layer.kind) {
    case "linear": {
      const line = uniformLine(layer, 1, 0);
      return line && made(inputs, origin, (x) => evaluateLine(line, inputs, x), 0);
    }
    case "product":
      return isAligned(layer) ? made(inputs, origin, (x) => one.of(x) * other.of(x)) : undefined;
    case "relu":
      return made(inputs, origin, (x) => Math.max(0, one.of(x)));
    case "clip":
      return made(inputs, origin, (x) => Math.min(layer.max ?? Infinity, Math.max(layer.min ?? -Infinity, one.of(x))));
    case "curve":
      return made(inputs, origin, (x) => layer.curve.of(one.of(x)), 1, 1);
    default:
      return undefined;
  }
}

/** The largest of some lines of the same number, such as x and -x. */
function composeMax(
  { classes, inner }: MaxLayer,
  lines: LinearLayer,
  inputs: readonly Pointwise[],
  origin: Origin,
): Pointwise | undefined {
  if (inner !== 1 || inputs.some(({ base }) => base !== inputs[0]?.base)) return undefined;
  const all = Array.from({ length: classes }, (_, at) => uniformLine(lines, classes, at));
  const known = all.flatMap((line) => line ?? []);
  if (known.length < classes) return undefined;
  return made(inputs, origin, (x) => Math.max(...known.map((line) => evaluateLine(line, inputs, x))));
}

function made(
  inputs: readonly Pointwise[],
  origin: Origin,
  of: (x: number) => number,
  costly = 1,
  curves = 0,
): Pointwise {
  return {
    base: inputs[0]?.base ?? 0,
    of,
    costly: inputs.reduce((sum, input) => sum + input.costly, costly),
    curves: inputs.reduce((sum, input) => sum + input.curves, curves),
    origins: [...inputs.flatMap((input) => input.origins), origin],
  };
}

/** One factor for each input, and a bias. */
interface Line {
  readonly factors: readonly number[];
  readonly bias: number;
}

function evaluateLine({ factors, bias }: Line, inputs: readonly Pointwise[], x: number): number {
  return factors.reduce((sum, factor, part) => sum + factor * (inputs[part]?.of(x) ?? 0), bias);
}

/** Of every `stride`th row from `at` on: what makes row at + i * stride of elements i, if all of them do the same. */
function uniformLine({ matrix, bias, inputs }: LinearLayer, stride: number, at: number): Line | undefined {
  const count = matrix.rows / stride;
  if (matrix.columns !== count * inputs.length) return undefined;
  const factors: number[] = [];
  let [isUniform, parts] = [true, 0];
  for (let element = 0; element < count && isUniform; element++) {
    const row = at + element * stride;
    let entries = 0;
    forEachEntry(matrix, row, (column, weight) => {
      const part = Math.floor(column / count);
      if (element === 0) factors[part] = weight;
      if (column % count !== element || factors[part] !== weight) isUniform = false;
      entries++;
    });
    if (element === 0) parts = entries;
    if (entries !== parts || bias[row] !== bias[at]) isUniform = false;
  }
  return isUniform ? { factors, bias: bias[at] ?? 0 } : undefined;
}

function isAligned({ left, right }: ProductLayer): boolean {
  return left.every((from, at) => from === at && right[at] === at);
}

/** How many layers and outputs take each value. */
function countUses(graph: FloatGraph<ExpandedLayer>): number[] {
  const uses: number[] = [];
  const use = (id: ValueId): void => {
    uses[id] = (uses[id] ?? 0) + 1;
  };
  for (const { inputs } of graph.layers) new Set<ValueId>(inputs).forEach(use);
  for (const { value } of graph.outputs) use(value);
  return uses;
}

function merge(origins: readonly Origin[], { shape }: Origin): Origin {
  const nodes = [...new Set(origins.flatMap((origin) => origin.nodes))];
  const ops = [...new Set(origins.flatMap((origin) => origin.ops))];
  return Object.freeze({ nodes, ops, shape });
}
