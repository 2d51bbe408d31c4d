import { z } from "zod";

import type { Sum } from "../gadgets/gadget.ts";
import { BIT, bitLength, hull, type Interval } from "../graph/interval.ts";
import { groupCount, groupedSize, groupsOf } from "../graph/groups.ts";
import type { Layer, RankingLayer } from "../graph/layer.ts";
import type { ProgramBuilder } from "../lower/program-builder.ts";
import { combine } from "../lower/sums.ts";
import { count, oneInput, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const ranking: LayerRules<Layer<"ranking">> = {
  size: (layer) => groupCount(layer) * layer.count * layer.classes,
  compute(layer, [input = new Float64Array()]) {
    const output = new Float64Array(ranking.size(layer));
    markWinners(layer, input, (at) => (output[at] = 1));
    return output;
  },
  evaluate(layer, [input = []]) {
    const output = new Array<bigint>(ranking.size(layer)).fill(0n);
    markWinners(layer, input, (at) => (output[at] = 1n));
    return output;
  },
  range: (layer) => new Array<Interval>(ranking.size(layer)).fill(BIT),
  lower: (layer, [input = []], builder) =>
    groupsOf(layer).flatMap((group) =>
      lowerGroup(
        group.flatMap((at) => input[at] ?? []),
        layer.count,
        builder,
      ),
    ),
  cost: (layer, [input = []]) =>
    groupsOf(layer).reduce((rows, group) => {
      const { lo, hi } = hullOf(group.flatMap((at) => input[at] ?? []));
      return rows + layer.count * (1 + group.length * (3 + bitLength(2n * (hi - lo) + 1n)));
    }, 0),
  prunable: "never",
  needs: (layer) => [new Array<number>(groupedSize(layer)).keys()],
  keep: (layer) => layer,
  numbers: () => [],
  problems(layer, sizes) {
    return [
      ...sizeProblems({ size: groupedSize(layer) }, sizes),
      ...(layer.count <= layer.classes ? [] : [`ranks ${layer.count} of ${layer.classes} elements`]),
    ];
  },
  schema: z.strictObject({
    kind: z.literal("ranking"),
    inputs: oneInput,
    outer: count,
    classes: count,
    inner: count,
    count,
  }),
  encode: (layer) => ({ ...layer }),
};

/** Of equals, the lowest position comes first. */
function markWinners(layer: RankingLayer, input: ArrayLike<number | bigint>, mark: (at: number) => void): void {
  const { classes, count: ranks } = layer;
  groupsOf(layer).forEach((group, index) => {
    const order = group.map((at, position) => ({ value: input[at] ?? 0, position }));
    order.sort((one, other) =>
      one.value === other.value ? one.position - other.position : one.value > other.value ? -1 : 1,
    );
    order.slice(0, ranks).forEach(({ position }, rank) => mark((index * ranks + rank) * classes + position));
  });
}

/** Finds the largest again and again; what has won is put below everything else. */
function lowerGroup(sums: readonly Sum[], ranks: number, builder: ProgramBuilder): Sum[] {
  const { lo, hi } = hullOf(sums.map((sum) => builder.range(sum)));
  const below = hi - lo + 1n;
  const rounds: (readonly Sum[])[] = [];
  for (let rank = 0; rank < ranks; rank++) {
    const left = sums.map((sum, at) => {
      const won = rounds.map((winners) => winners[at] ?? sum);
      if (won.length === 0) return sum;
      const own = builder.range(sum);
      const moved = combine([sum, ...won], [1n, ...won.map(() => -below)], 0n);
      // It wins once at most.
      return builder.known(moved, { lo: own.lo - below, hi: own.hi });
    });
    rounds.push(builder.argmax(left).winners);
  }
  return rounds.flat();
}

function hullOf(intervals: readonly Interval[]): Interval {
  return hull(intervals.flatMap(({ lo, hi }) => [lo, hi]));
}
