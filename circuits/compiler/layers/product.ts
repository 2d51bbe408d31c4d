import { z } from "zod";

import { productInterval, squareInterval } from "../graph/interval.ts";
import type { Layer, ProductLayer } from "../graph/layer.ts";
import { value } from "./elementwise.ts";
import type { LayerRules } from "./layer-rules.ts";

const positions = z.array(value).min(1);

export const product: LayerRules<Layer<"product">> = {
  size: ({ left }) => left.length,
  compute({ left, right }, [a = new Float64Array(), b = new Float64Array()]) {
    const output = new Float64Array(left.length);
    for (let at = 0; at < left.length; at++) output[at] = (a[left[at] ?? 0] ?? 0) * (b[right[at] ?? 0] ?? 0);
    return output;
  },
  evaluate: ({ left, right }, [a = [], b = []]) =>
    Array.from(left, (from, at) => (a[from] ?? 0n) * (b[right[at] ?? 0] ?? 0n)),
  range: (layer, [a = [], b = []]) =>
    Array.from(layer.left, (from, at) => {
      const one = a[from] ?? { lo: 0n, hi: 0n };
      const other = b[layer.right[at] ?? 0] ?? { lo: 0n, hi: 0n };
      return isSquare(layer, at) ? squareInterval(one) : productInterval(one, other);
    }),
  lower: ({ left, right }, [a = [], b = []], builder) =>
    Array.from(left, (from, at) => {
      const [one, other] = [a[from], b[right[at] ?? 0]];
      if (one === undefined || other === undefined)
        throw new RangeError(`element ${at} multiplies what does not exist`);
      return builder.product(one, other);
    }),
  cost: ({ left }) => left.length,
  prunable: "freely",
  needs: ({ left, right }, wanted) => [wanted.map((at) => left[at] ?? 0), wanted.map((at) => right[at] ?? 0)],
  keep(layer, wanted, [keptLeft = [], keptRight = []]) {
    const [toLeft, toRight] = [positionsOf(keptLeft), positionsOf(keptRight)];
    return Object.freeze({
      ...layer,
      left: Int32Array.from(wanted, (at) => toLeft.get(layer.left[at] ?? 0) ?? 0),
      right: Int32Array.from(wanted, (at) => toRight.get(layer.right[at] ?? 0) ?? 0),
    });
  },
  numbers: () => [],
  problems({ left, right }, [first = 0, second = 0]) {
    const problems: string[] = [];
    if (left.length !== right.length) problems.push("left and right differ in number");
    if (left.some((at) => at >= first) || right.some((at) => at >= second))
      problems.push("multiplies an element that does not exist");
    return problems;
  },
  schema: z
    .strictObject({ kind: z.literal("product"), inputs: z.tuple([value, value]), left: positions, right: positions })
    .transform((layer) => ({ ...layer, left: Int32Array.from(layer.left), right: Int32Array.from(layer.right) })),
  encode: (layer) => ({ ...layer, left: [...layer.left], right: [...layer.right] }),
};

function isSquare({ inputs, left, right }: ProductLayer, at: number): boolean {
  return inputs[0] === inputs[1] && left[at] === right[at];
}

function positionsOf(elements: readonly number[]): ReadonlyMap<number, number> {
  return new Map(elements.map((element, position) => [element, position]));
}
