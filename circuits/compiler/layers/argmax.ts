import { z } from "zod";

import { type Interval, BIT, bitLength } from "../graph/interval.ts";
import { groupCount, groupedSize, groupsOf } from "../graph/groups.ts";
import type { Layer } from "../graph/layer.ts";
import { ZERO } from "../lower/sums.ts";
import { count, oneInput, sizeProblems } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

export const argmax: LayerRules<Layer<"argmax">> = {
  size: (layer) => (layer.gives === "index" ? groupCount(layer) : groupedSize(layer)),
  compute(layer, [input = new Float64Array()]) {
    const winners = groupsOf(layer).map((group) => winner(group.map((at) => input[at] ?? 0)));
    if (layer.gives === "index") return Float64Array.from(winners);
    const output = new Float64Array(input.length);
    groupsOf(layer).forEach((group, index) => (output[group[winners[index] ?? 0] ?? 0] = 1));
    return output;
  },
  evaluate(layer, [input = []]) {
    const winners = groupsOf(layer).map((group) => winner(group.map((at) => input[at] ?? 0n)));
    if (layer.gives === "index") return winners.map(BigInt);
    const output = input.map(() => 0n);
    groupsOf(layer).forEach((group, index) => (output[group[winners[index] ?? 0] ?? 0] = 1n));
    return output;
  },
  range(layer): Interval[] {
    const interval = layer.gives === "index" ? { lo: 0n, hi: BigInt(layer.classes - 1) } : BIT;
    return new Array<Interval>(argmax.size(layer)).fill(interval);
  },
  lower(layer, [input = []], builder) {
    const groups = groupsOf(layer);
    const found = groups.map((group) => builder.argmax(group.flatMap((at) => input[at] ?? [])));
    if (layer.gives === "index") return found.map(({ index }) => index);
    const output = [...input];
    groups.forEach((group, at) =>
      group.forEach((element, position) => (output[element] = found[at]?.winners[position] ?? input[element] ?? ZERO)),
    );
    return output;
  },
  cost: (layer, [input = []]) =>
    groupsOf(layer).reduce((rows, group) => rows + groupCost(group.flatMap((at) => input[at] ?? [])), 0),
  prunable: "never",
  needs: (layer) => [new Array<number>(groupedSize(layer)).keys()],
  keep: (layer) => layer,
  numbers: () => [],
  problems: (layer, sizes) => sizeProblems({ size: groupedSize(layer) }, sizes),
  schema: z.strictObject({
    kind: z.literal("argmax"),
    inputs: oneInput,
    outer: count,
    classes: count,
    inner: count,
    gives: z.enum(["index", "onehot"]),
  }),
  encode: (layer) => ({ ...layer }),
};

/** Only a strictly larger value replaces an earlier one, so that of equals the lowest position wins. */
function winner(values: readonly (number | bigint)[]): number {
  let best = 0;
  values.forEach((value, index) => {
    const leader = values[best];
    if (leader !== undefined && value > leader) best = index;
  });
  return best;
}

function groupCost(group: readonly Interval[]): number {
  const largest = group.reduce((most, { hi }) => (hi > most ? hi : most), group[0]?.hi ?? 0n);
  return 1 + group.reduce((rows, { lo }) => rows + 3 + bitLength(largest - lo), 0);
}
