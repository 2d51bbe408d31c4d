import { gadgetSignals } from "../gadgets/table.ts";
import type { Gadget, Signal } from "../gadgets/gadget.ts";
import type { LoweredCircuit } from "../lower/lower.ts";
import { BINDING_WIRE, type Block, FIRST_WORD_WIRE, type Program } from "../lower/program.ts";

/** Gadgets of one Circom template: more make the compiler slow, fewer make the text long. */
const CHUNK = 8;

/** Single results of a block's gadgets are one array. */
const OUT = "out";

/** Some consecutive wires and what they are called, in the template of their gadget and in the main one. */
export interface NamedSignal extends Signal {
  readonly first: number;
  /** Identifier in the template; an "out" is an element of an array there. */
  readonly local: string;
  /** Identifier in the main template, for a result. */
  readonly main: string;
}

export interface NamedGadget {
  readonly gadget: Gadget;
  readonly position: number;
  readonly signals: readonly NamedSignal[];
}

/** The gadgets of one template. */
export interface NamedChunk {
  readonly template: string;
  readonly component: string;
  readonly gadgets: readonly NamedGadget[];
  readonly outs: number;
}

export interface NamedBlock {
  readonly block: Block;
  readonly chunks: readonly NamedChunk[];
  /** Size of the array of its single results. */
  readonly outs: number;
}

/** Names every wire of a block's gadgets. An argmax is a template of its own: its text is long. */
export function nameBlock(block: Block): NamedBlock {
  const chunks: NamedChunk[] = [];
  let [gadgets, outs, before]: [NamedGadget[], number, number] = [[], 0, 0];
  const close = (): void => {
    if (gadgets.length === 0) return;
    const template = `${block.name.charAt(0).toUpperCase()}${block.name.slice(1)}Chunk${chunks.length}`;
    chunks.push({ template, component: `${block.name}_chunk${chunks.length}`, gadgets, outs: outs - before });
    [gadgets, before] = [[], outs];
  };
  block.gadgets.forEach((gadget, position) => {
    if (gadgets.length === CHUNK || gadget.kind === "argmax") close();
    let first = gadget.first;
    const signals = gadgetSignals(gadget).map((signal): NamedSignal => {
      const start = first;
      first += signal.size;
      if (signal.name === OUT) {
        const index = outs++;
        return { ...signal, first: start, local: `out[${index - before}]`, main: `${block.name}[${index}]` };
      }
      const local = `${signal.name}${position}`;
      return { ...signal, first: start, local, main: `${block.name}_${local}` };
    });
    gadgets.push({ gadget, position, signals });
    if (gadget.kind === "argmax") close();
  });
  close();
  return { block, chunks, outs };
}

export function isOut({ name }: Signal): boolean {
  return name === OUT;
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
  if (program.saltWire !== null) names[program.saltWire] = "main.salt";
  nameInputs(program, names);
  for (const chunk of program.blocks.flatMap((block) => nameBlock(block).chunks)) nameChunk(chunk, names);
  return names;
}

function nameChunk({ component, gadgets }: NamedChunk, names: string[]): void {
  for (const signal of gadgets.flatMap(({ signals }) => signals)) {
    const place = signal.result ? `main.${signal.main}` : `main.${component}.${signal.local}`;
    if (isOut(signal)) names[signal.first] = place;
    else for (let k = 0; k < signal.size; k++) names[signal.first + k] = `${place}[${k}]`;
  }
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
