import type { ArgmaxGadget, Gadget, Sum } from "../gadgets/gadget.ts";
import type { Block, Program } from "../lower/program.ts";
import { chunkOf, reluIndex, resultName } from "./names.ts";
import { namedTerms, type Port, portsOf } from "./ports.ts";
import { assignSum, hintBits, indent } from "./statements.ts";

/** One template of the emitted source: some gadgets of a block. */
export interface Chunk {
  readonly template: string;
  readonly component: string;
  readonly ports: readonly Port[];
  /** Output signals, and where the main template puts them. */
  readonly results: readonly { readonly output: string; readonly target: string }[];
  readonly text: readonly string[];
}

interface Placed {
  readonly gadget: Gadget;
  readonly position: number;
}

export function emitChunks(program: Program, block: Block): Chunk[] {
  const chunks = new Map<number, Placed[]>();
  block.gadgets.forEach((gadget, position) => {
    const chunk = chunkOf(block, position);
    chunks.set(chunk, [...(chunks.get(chunk) ?? []), { gadget, position }]);
  });
  return [...chunks].map(([chunk, gadgets]) => emitChunk(program, block, chunk, gadgets));
}

function emitChunk(program: Program, block: Block, chunk: number, gadgets: readonly Placed[]): Chunk {
  const ports = portsOf(
    program,
    gadgets.flatMap(({ gadget }) => sumsOf(gadget)),
  );
  const relus = gadgets.filter(({ gadget }) => gadget.kind === "relu");
  const firstRelu = relus[0] === undefined ? 0 : reluIndex(block, relus[0].position);
  const template = `${block.name.charAt(0).toUpperCase()}${block.name.slice(1)}Chunk${chunk}`;
  const body = gadgets.flatMap(({ gadget, position }) => emitGadget(program, block, gadget, position, firstRelu));
  const results = gadgets.map(({ gadget, position }) => ({
    output: gadget.kind === "relu" ? `out[${reluIndex(block, position) - firstRelu}]` : outputName(gadget, position),
    target: resultName(block, position),
  }));
  const text = [
    `template ${template}() {`,
    ...indent([
      ...ports.map(({ name, dimensions }) => `signal input ${name}${brackets(dimensions)};`),
      ...(relus.length === 0 ? [] : [`signal output out[${relus.length}];`]),
      ...ports.flatMap(({ prologue }) => prologue),
      "var sum;",
      "var recomposed;",
      ...body,
    ]),
    "}",
    "",
  ];
  return { template, component: `${block.name}_chunk${chunk}`, ports, results, text };
}

export function brackets(dimensions: readonly number[]): string {
  return dimensions.map((size) => `[${size}]`).join("");
}

function sumsOf(gadget: Gadget): readonly Sum[] {
  return gadget.kind === "argmax" ? gadget.sums : [gadget.sum];
}

function outputName(gadget: Gadget, position: number): string {
  return gadget.kind === "argmax" ? `winner${position}` : `bits${position}`;
}

function emitGadget(program: Program, block: Block, gadget: Gadget, position: number, firstRelu: number): string[] {
  const bits = `bits${position}`;
  switch (gadget.kind) {
    case "bits":
      return [
        "",
        `signal output ${bits}[${gadget.bits}];`,
        ...assignSum("sum", gadget.sum.constant, namedTerms(program, gadget.sum)),
        ...hintBits(bits, gadget.bits, "sum"),
        `Booleans(${gadget.bits})(${bits});`,
      ];
    case "relu":
      return [
        "",
        `signal ${bits}[${gadget.bits}];`,
        ...assignSum("sum", gadget.sum.constant, namedTerms(program, gadget.sum)),
        ...hintBits(bits, gadget.bits, "sum"),
        `out[${reluIndex(block, position) - firstRelu}] <== Relu(${gadget.bits}, ${gadget.shift})(${bits});`,
      ];
    case "argmax":
      return emitArgmax(program, gadget, position);
  }
}

/** Circom compares field elements as signed numbers, which is right here: every value is far below half the field. */
function emitArgmax(program: Program, gadget: ArgmaxGadget, position: number): string[] {
  const count = gadget.sums.length;
  const [value, winner, largest] = [`value${position}`, `winner${position}`, `largest${position}`];
  const [best, at] = [`best${position}`, `at${position}`];
  return [
    "",
    `var ${value}[${count}];`,
    ...gadget.sums.flatMap((sum, index) => assignSum(`${value}[${index}]`, sum.constant, namedTerms(program, sum))),
    `var ${best} = ${value}[0];`,
    `var ${at} = 0;`,
    `for (var i = 1; i < ${count}; i++) { if (${value}[i] > ${best}) { ${best} = ${value}[i]; ${at} = i; } }`,
    `signal output ${winner}[${count}];`,
    `for (var i = 0; i < ${count}; i++) { ${winner}[i] <-- ${at} == i ? 1 : 0; }`,
    `OneHot(${count})(${winner});`,
    `signal ${largest};`,
    `${largest} <-- ${best};`,
    ...gadget.sums.flatMap((_, index) => {
      const bits = gadget.gaps[index] ?? 0;
      const name = `gap${position}_${index}`;
      return [
        `sum = ${largest} - ${value}[${index}];`,
        `for (var i = ${index + 1}; i < ${count}; i++) { sum -= ${winner}[i]; }`,
        `signal ${name}[${bits}];`,
        ...hintBits(name, bits, "sum"),
        `Gap(${bits})(${winner}[${index}], ${name});`,
      ];
    }),
  ];
}
