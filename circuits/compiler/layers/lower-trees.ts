import type { Sum } from "../gadgets/gadget.ts";
import { BIT, type Interval } from "../graph/interval.ts";
import type { TreesLayer } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { combine, plus, ZERO } from "../lower/sums.ts";
import {
  type Branch,
  type ElementPlan,
  forEachNode,
  leafEntries,
  lengthBits,
  type NodeBranch,
  planTrees,
  segmentsOf,
  type TreePlan,
} from "./tree-plan.ts";

/**
 * Each test becomes a sum that is 0 or 1, free once it is known which of the intervals between its edges every element
 * lies in; then all trees are walked together, one level after the other. `ranges` are the outputs'.
 */
export function lowerTrees(
  layer: TreesLayer,
  input: readonly Sum[],
  ranges: readonly Interval[],
  builder: ProgramBuilder,
): Sum[] {
  const plan = planTrees(
    layer,
    input.map((sum) => builder.range(sum)),
  );
  const truth = decideTests(layer, plan.elements, input, builder);
  const leaves = leafEntries(layer);
  const weight = (leaf: number, output: number): bigint =>
    BigInt((leaves[leaf] ?? []).reduce((sum, [row, value]) => (row === output ? sum + value : sum), 0));

  const parts = ranges.map((): Sum[] => []);
  const add = (output: number, sum: Sum): void => void parts[output]?.push(sum);
  chooseValues(
    plan.trees.filter(({ by }) => by === "values"),
    truth,
    weight,
    builder,
    add,
  );
  splitShares(
    plan.trees.filter(({ by }) => by === "shares"),
    truth,
    weight,
    builder,
    add,
  );
  return ranges.map((range, output) => {
    const own = parts[output] ?? [];
    const sum = combine(
      own,
      own.map(() => 1n),
      BigInt(layer.bias[output] ?? 0),
    );
    return builder.known(sum, range);
  });
}

type Truth = (test: number) => Sum;
type Weight = (leaf: number, output: number) => bigint;

/** For each test, a sum that is 1 if it holds and else 0. */
function decideTests(
  layer: TreesLayer,
  plans: readonly ElementPlan[],
  input: readonly Sum[],
  builder: ProgramBuilder,
): Truth {
  /** Whether an element is at least its n-th edge. */
  const reached = new Map(
    plans.map((plan) => [plan.element, compareElement(plan, input[plan.element] ?? ZERO, builder)] as const),
  );
  const places = new Map(
    plans.map(({ element, edges }) => [element, new Map(edges.map((edge, at) => [edge, at] as const))] as const),
  );
  const known = new Map<number, Sum>();
  return (test) => {
    const before = known.get(test);
    if (before !== undefined) return before;
    const { element, edges } = layer.tests[test] ?? { element: 0, edges: [] };
    const { lo } = builder.range(input[element] ?? ZERO);
    const settled = edges.filter((edge) => BigInt(edge) <= lo).length;
    const open = edges.flatMap((edge) => places.get(element)?.get(BigInt(edge)) ?? []);
    // Edges toggle the test as they are reached, from the first on.
    const sign = (at: number): bigint => ((settled + at) % 2 === 0 ? 1n : -1n);
    const compared = open.map((at) => reached.get(element)?.(at) ?? ZERO);
    const sum = combine(
      compared,
      compared.map((_, at) => sign(at)),
      settled % 2 === 0 ? 0n : 1n,
    );
    const found = builder.known(sum, BIT);
    known.set(test, found);
    return found;
  };
}

function compareElement({ edges, by }: ElementPlan, sum: Sum, builder: ProgramBuilder): (edge: number) => Sum {
  const range = builder.range(sum);
  if (by === "itself") return () => plus(sum, -range.lo);
  if (by === "steps") {
    const steps = edges.map((edge) => builder.step(plus(sum, -edge)));
    return (edge) => steps[edge] ?? ZERO;
  }
  const segments = segmentsOf(edges, range);
  const { members } = builder.segments(sum, segments, lengthBits(segments));
  return (edge) => {
    // One of the members is 1: the shorter side says it all.
    const above = members.slice(edge + 1);
    if (2 * above.length <= members.length)
      return combine(
        above,
        above.map(() => 1n),
        0n,
      );
    const below = members.slice(0, edge + 1);
    return combine(
      below,
      below.map(() => -1n),
      1n,
    );
  };
}

/** From the leaves up: low + test * (high - low). */
function chooseValues(
  trees: readonly TreePlan[],
  truth: Truth,
  weight: Weight,
  builder: ProgramBuilder,
  add: (output: number, sum: Sum) => void,
): void {
  const values = new Map<NodeBranch, Map<number, Sum>>();
  const valueOf = (branch: Branch, output: number): Sum =>
    branch.leaf === undefined
      ? (values.get(branch)?.get(output) ?? ZERO)
      : { ...ZERO, constant: weight(branch.leaf, output) };
  const levels: { readonly node: NodeBranch; readonly outputs: readonly number[] }[][] = [];
  for (const { root, outputs } of trees)
    forEachNode(root, (node) => (levels[node.height] ??= []).push({ node, outputs }));
  const choose = ({ test, low, high }: NodeBranch, output: number): Sum => {
    const [one, other] = [valueOf(low, output), valueOf(high, output)];
    const rise = builder.product(truth(test), combine([other, one], [1n, -1n], 0n));
    return combine([one, rise], [1n, 1n], 0n);
  };
  for (const { node, outputs } of levels.flat())
    values.set(node, new Map(outputs.map((output) => [output, choose(node, output)] as const)));
  for (const { root, outputs } of trees) for (const output of outputs) add(output, valueOf(root, output));
}

/** From the root down: what reaches a node goes to one child or the other. */
function splitShares(
  trees: readonly TreePlan[],
  truth: Truth,
  weight: Weight,
  builder: ProgramBuilder,
  add: (output: number, sum: Sum) => void,
): void {
  const whole: Sum = { ...ZERO, constant: 1n };
  const split = ({ branch, outputs, share }: Share): Share[] => {
    if (branch.leaf !== undefined) {
      for (const output of outputs) add(output, combine([share], [weight(branch.leaf, output)], 0n));
      return [];
    }
    const high = builder.product(truth(branch.test), share);
    const low = combine([share, high], [1n, -1n], 0n);
    return [
      { branch: branch.high, outputs, share: high },
      { branch: branch.low, outputs, share: low },
    ];
  };
  let level = trees.map(({ root, outputs }): Share => ({ branch: root, outputs, share: whole }));
  while (level.length > 0) level = level.flatMap(split);
}

/** What reaches a branch of a tree: 1 or 0. */
interface Share {
  readonly branch: Branch;
  readonly outputs: readonly number[];
  readonly share: Sum;
}
