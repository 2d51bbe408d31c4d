import { z } from "zod";

import type { Interval } from "../graph/interval.ts";
import type { Layer, TreesLayer, TreeTest } from "../graph/layer.ts";
import { columnsAscend } from "../graph/matrix.ts";
import { count, integer, oneInput, sizeProblems, value } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";
import { linear } from "./linear.ts";
import { lowerTrees } from "./lower-trees.ts";
import { forEachLeaf, leafEntries, planTrees } from "./tree-plan.ts";

export const trees: LayerRules<Layer<"trees">> = {
  size: ({ matrix }) => matrix.rows,
  compute(layer, [input = new Float64Array()]) {
    const output = layer.bias.slice();
    const leaves = entriesOf(layer);
    for (const leaf of reachedLeaves(layer, (element) => input[element] ?? 0))
      for (const [row, weight] of leaves[leaf] ?? []) output[row] = (output[row] ?? 0) + weight;
    return output;
  },
  evaluate(layer, [input = []]) {
    const output = Array.from(layer.bias, BigInt);
    const leaves = entriesOf(layer);
    for (const leaf of reachedLeaves(layer, (element) => input[element] ?? 0n))
      for (const [row, weight] of leaves[leaf] ?? []) output[row] = (output[row] ?? 0n) + BigInt(weight);
    return output;
  },
  range: (layer, [input = []]) => outputRanges(layer, input),
  lower: (layer, [input = []], builder) =>
    lowerTrees(
      layer,
      input,
      outputRanges(
        layer,
        input.map((sum) => builder.range(sum)),
      ),
      builder,
    ),
  cost: (layer, [input = []]) => planTrees(layer, input).rows,
  prunable: "never",
  needs: ({ size }) => [new Array<number>(size).keys()],
  keep: (layer) => layer,
  *numbers({ tests, matrix, bias }) {
    for (const { edges } of tests) yield* edges;
    yield* matrix.weight;
    yield* bias;
  },
  problems: findProblems,
  schema: z
    .strictObject({
      kind: z.literal("trees"),
      inputs: oneInput,
      size: count,
      tests: z.array(z.strictObject({ element: value, edges: z.array(integer) })),
      nodes: z.array(z.strictObject({ test: value, low: integer, high: integer })),
      roots: z.array(integer),
      leaves: linear.schema,
    })
    .transform(({ leaves, ...layer }): TreesLayer => ({ ...layer, matrix: leaves.matrix, bias: leaves.bias })),
  encode: ({ matrix, bias, ...layer }) => ({
    ...layer,
    leaves: linear.encode({ kind: "linear", inputs: [0], matrix, bias }),
  }),
};

type Entries = ReturnType<typeof leafEntries>;
const ENTRIES = new WeakMap<TreesLayer, Entries>();

/** Once for each layer, which is evaluated on thousands of samples. */
function entriesOf(layer: TreesLayer): Entries {
  const known = ENTRIES.get(layer);
  if (known !== undefined) return known;
  const entries = leafEntries(layer);
  ENTRIES.set(layer, entries);
  return entries;
}

function* reachedLeaves(
  { roots, nodes, tests }: TreesLayer,
  elementAt: (element: number) => number | bigint,
): Generator<number> {
  for (const root of roots) {
    let at = root;
    while (at >= 0) {
      const node = nodes[at];
      const test = tests[node?.test ?? -1];
      if (node === undefined || test === undefined) throw new RangeError(`node ${at} does not exist`);
      at = holdsFor(test, elementAt(test.element)) ? node.high : node.low;
    }
    yield -1 - at;
  }
}

function holdsFor({ edges }: TreeTest, element: number | bigint): boolean {
  let holds = false;
  for (const edge of edges) if (element >= edge) holds = !holds;
  return holds;
}

/** Each tree contributes its least leaf at least and its largest at most. */
function outputRanges(layer: TreesLayer, input: readonly Interval[]): Interval[] {
  const entries = entriesOf(layer);
  const [least, most] = [Array.from(layer.bias, BigInt), Array.from(layer.bias, BigInt)];
  for (const { root, outputs } of planTrees(layer, input).trees) {
    const values = new Map(outputs.map((output): [number, number[]] => [output, []]));
    let leaves = 0;
    forEachLeaf(root, (leaf) => {
      leaves++;
      for (const [output, weight] of entries[leaf] ?? []) values.get(output)?.push(weight);
    });
    for (const [output, found] of values) {
      // A leaf that does not count for the output counts 0.
      const all = found.length < leaves ? [...found, 0] : found;
      least[output] = (least[output] ?? 0n) + BigInt(all.reduce((one, other) => Math.min(one, other), Infinity));
      most[output] = (most[output] ?? 0n) + BigInt(all.reduce((one, other) => Math.max(one, other), -Infinity));
    }
  }
  return least.map((lo, output) => ({ lo, hi: most[output] ?? lo }));
}

/** Ways down longer than this, of which each step names all the steps before it, would make sums too large. */
const LONGEST_WAY = 1 << 11;
/** A leaf that stands at many places counts its outputs at each, and a test its edges: this bounds what that can cost. */
const MOST_MENTIONS = 2 ** 24;
/** A few bytes can name many. */
const MOST_LEAVES = 2 ** 22;

/** What reading would cost too much, of trees without other problems. */
function findExcess(layer: TreesLayer): string[] {
  const { nodes, roots, tests } = layer;
  const leaves = leafEntries(layer);
  const depth = new Uint32Array(nodes.length);
  let [mentions, longest] = [0, 0];
  const mention = (child: number, steps: number): void => {
    if (child < 0) mentions += leaves[-1 - child]?.length ?? 0;
    else depth[child] = steps;
    longest = Math.max(longest, steps);
  };
  for (const root of roots) mention(root, 0);
  nodes.forEach(({ test, low, high }, at) => {
    mentions += tests[test]?.edges.length ?? 0;
    for (const child of [low, high]) mention(child, (depth[at] ?? 0) + 1);
  });
  return [
    ...(longest > LONGEST_WAY ? [`a way down has ${longest} tests, more than ${LONGEST_WAY}`] : []),
    ...(mentions > MOST_MENTIONS ? [`mentions edges and outputs of leaves ${mentions} times`] : []),
  ];
}

function findProblems(layer: Layer<"trees">, sizes: readonly number[]): string[] {
  const { size, tests, nodes, roots, matrix, bias } = layer;
  const problems = sizeProblems(layer, sizes);
  if (bias.length !== matrix.rows || matrix.rows === 0) problems.push("bias and outputs differ in number, or are none");
  if (matrix.columns > MOST_LEAVES) problems.push(`has more than ${MOST_LEAVES} leaves`);
  if (!columnsAscend(matrix)) problems.push("leaves must ascend within each output");
  if (tests.some(({ element }) => element >= size)) problems.push("a test is about an element that does not exist");
  if (tests.some(({ edges }) => edges.some((edge, at) => at > 0 && edge <= (edges[at - 1] ?? edge))))
    problems.push("edges must ascend");
  if (nodes.some(({ test }) => test >= tests.length)) problems.push("a node has a test that does not exist");
  const parents = new Uint8Array(nodes.length);
  const enter = (child: number, parent: number): boolean => {
    if (child < 0) return -1 - child < matrix.columns;
    if (child <= parent || child >= nodes.length || parents[child] === 1) return false;
    parents[child] = 1;
    return true;
  };
  const entered = [
    ...roots.map((root) => enter(root, -1)),
    ...nodes.flatMap(({ low, high }, at) => [enter(low, at), enter(high, at)]),
  ];
  if (entered.includes(false)) problems.push("the nodes are no trees, each child after its only parent");
  return problems.length > 0 ? problems : findExcess(layer);
}
