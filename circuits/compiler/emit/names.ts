import type { Gadget } from "../gadgets/gadget.ts";
import { gapStart } from "../gadgets/argmax.ts";
import type { LoweredCircuit } from "../lower/lower.ts";
import { BINDING_WIRE, type Block, FIRST_WORD_WIRE, type Program } from "../lower/program.ts";

/** Gadgets of one Circom template: more make the compiler slow, fewer make the text long. */
export const CHUNK = 8;

/** The gadgets of a block in the order of its templates; an argmax is one template. */
export function chunkOf(block: Block, position: number): number {
  return block.gadgets[position]?.kind === "argmax" ? position : Math.floor(position / CHUNK);
}

/** Position of a relu among the relus of its block: its place in the block's array of results. */
export function reluIndex(block: Block, position: number): number {
  return block.gadgets.slice(0, position).filter(({ kind }) => kind === "relu").length;
}

/** The signal that holds a whole gadget's result in the main template. */
export function resultName(block: Block, position: number): string {
  const kind = block.gadgets[position]?.kind;
  if (kind === "relu") return `${block.name}[${reluIndex(block, position)}]`;
  return kind === "argmax" ? `${block.name}_winner${position}` : `${block.name}_bits${position}`;
}

/**
 * For each wire, the name of its signal in the `.sym` file of the emitted Circom; "" for wire 0, the constant one, which
 * has none there.
 */
export function symbolNames({ program }: LoweredCircuit): string[] {
  const names = new Array<string>(program.wireCount).fill("");
  names[BINDING_WIRE] = "main.binding";
  program.words.forEach(({ wire }, index) => (names[wire] = `main.words[${index}]`));
  names[FIRST_WORD_WIRE + program.words.length] = "main.square";
  nameInputs(program, names);
  for (const block of program.blocks)
    block.gadgets.forEach((gadget, position) => nameGadget(block, gadget, position, names));
  return names;
}

function nameInputs({ inputs, inputWires }: Program, names: string[]): void {
  inputs.forEach(({ bits, shape }, tensor) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const first = inputWires[tensor] ?? 0;
    for (let element = 0; element < count; element++)
      for (let bit = 0; bit < bits; bit++)
        names[first + element * bits + bit] = `main.x${tensor}_bits[${element}][${bit}]`;
  });
}

function nameGadget(block: Block, gadget: Gadget, position: number, names: string[]): void {
  const chunk = `main.${block.name}_chunk${chunkOf(block, position)}`;
  const result = `main.${resultName(block, position)}`;
  switch (gadget.kind) {
    case "bits":
      for (let k = 0; k < gadget.bits; k++) names[gadget.first + k] = `${result}[${k}]`;
      return;
    case "relu":
      for (let k = 0; k < gadget.bits; k++) names[gadget.first + k] = `${chunk}.bits${position}[${k}]`;
      names[gadget.first + gadget.bits] = result;
      return;
    case "argmax":
      gadget.sums.forEach((_, index) => {
        names[gadget.first + index] = `${result}[${index}]`;
        const start = gapStart(gadget, index);
        for (let k = 0; k < (gadget.gaps[index] ?? 0); k++) names[start + k] = `${chunk}.gap${position}_${index}[${k}]`;
      });
      names[gadget.first + gadget.sums.length] = `${chunk}.largest${position}`;
  }
}
