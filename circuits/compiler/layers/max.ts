import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { type Interval, signedBits } from "../graph/interval.ts";
import { groupCount, groupedSize, groupsOf } from "../graph/groups.ts";
import type { Layer } from "../graph/layer.ts";
import { count, oneInput, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const max: LayerRules<Layer<"max">> = {
  size: groupCount,
  compute: (layer, [input = new Float64Array()]) =>
    Float64Array.from(groupsOf(layer), (group) =>
      group.reduce((most, at) => Math.max(most, input[at] ?? 0), -Infinity),
    ),
  evaluate: (layer, [input = []]) => groupsOf(layer).map((group) => largest(group.map((at) => input[at] ?? 0n))),
  range: (layer, [input = []]) => groupsOf(layer).map((group) => rangeOfMax(group.flatMap((at) => input[at] ?? []))),
  /** A tournament: all first matches, then all second ones. */
  lower(layer, [input = []], builder) {
    let rounds: (readonly Sum[])[] = groupsOf(layer).map((group) => group.flatMap((at) => input[at] ?? []));
    while (rounds.some((group) => group.length > 1))
      rounds = rounds.map((group) =>
        pairs(group).map(([first, second]) => (second === undefined ? first : builder.max(first, second))),
      );
    return rounds.flat();
  },
  cost: (layer, [input = []]) =>
    groupsOf(layer).reduce((rows, group) => {
      const all = group.flatMap((at) => input[at] ?? []);
      const { lo } = all.reduce((least, next) => (next.lo < least.lo ? next : least), all[0] ?? { lo: 0n, hi: 0n });
      return rows + (all.length - 1) * (signedBits({ lo: lo - rangeOfMax(all).hi, hi: rangeOfMax(all).hi - lo }) + 2);
    }, 0),
  prunable: "never",
  needs: (layer) => [new Array<number>(groupedSize(layer)).keys()],
  keep: (layer) => layer,
  numbers: () => [],
  problems: (layer, sizes) => sizeProblems({ size: groupedSize(layer) }, sizes),
  schema: z.strictObject({ kind: z.literal("max"), inputs: oneInput, outer: count, classes: count, inner: count }),
  encode: (layer) => ({ ...layer }),
};

function pairs<Item>(items: readonly Item[]): (readonly [Item, Item | undefined])[] {
  return items.flatMap((item, index) => (index % 2 === 0 ? [[item, items[index + 1]] as const] : []));
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce((most, value) => (value > most ? value : most), values[0] ?? 0n);
}

function rangeOfMax(intervals: readonly Interval[]): Interval {
  return { lo: largest(intervals.map(({ lo }) => lo)), hi: largest(intervals.map(({ hi }) => hi)) };
}
