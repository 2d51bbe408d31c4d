import { gadgetSums, writeCircom } from "../gadgets/table.ts";
import type { CircomWriter } from "../gadgets/gadget.ts";
import { isOut, type NamedChunk, type NamedGadget } from "./names.ts";
import type { ChunkPorts, Port, Ports } from "./ports.ts";
import { assignSum, indent } from "./statements.ts";

/** One template of the emitted source: some gadgets of a block. */
export interface Chunk {
  readonly template: string;
  readonly component: string;
  readonly ports: readonly Port[];
  /** Output signals, and where the main template puts them. */
  readonly results: readonly { readonly output: string; readonly target: string }[];
  readonly text: readonly string[];
}

export function emitChunk({ template, component, gadgets, outs }: NamedChunk, names: Ports): Chunk {
  const taken = names.of(gadgets.flatMap(({ gadget }) => gadgetSums(gadget)));
  const { ports } = taken;
  const results = gadgets.flatMap(({ signals }) =>
    signals.flatMap(({ result, local, main }) => (result ? [{ output: local, target: main }] : [])),
  );
  const text = [
    `template ${template}() {`,
    ...indent([
      ...ports.map(({ name, dimensions }) => `signal input ${name}${brackets(dimensions)};`),
      ...(outs === 0 ? [] : [`signal output out[${outs}];`]),
      ...ports.flatMap(({ prologue }) => prologue),
      "var sum;",
      "var recomposed;",
      ...gadgets.flatMap((gadget) => emitGadget(gadget, taken)),
    ]),
    "}",
    "",
  ];
  return { template, component, ports, results, text };
}

function brackets(dimensions: readonly number[]): string {
  return dimensions.map((size) => `[${size}]`).join("");
}

function emitGadget({ gadget, position, signals }: NamedGadget, names: ChunkPorts): readonly string[] {
  const declared = signals.flatMap((signal) =>
    isOut(signal) ? [] : [`signal ${signal.result ? "output " : ""}${signal.local}[${signal.size}];`],
  );
  const writer: CircomWriter = {
    signal(name) {
      const found = signals.find((signal) => signal.name === name);
      if (found === undefined) throw new RangeError(`a ${gadget.kind} has no signal "${name}"`);
      return found.local;
    },
    local: (name) => `${name}_${position}`,
    assign: (target, sum) => assignSum(target, sum.constant, names.terms(sum)),
  };
  return ["", ...declared, ...writeCircom(gadget, writer)];
}
