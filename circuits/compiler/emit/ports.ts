import { elementCount } from "../../format/tensor.ts";
import type { Sum } from "../gadgets/gadget.ts";
import type { Program, Scalar } from "../lower/program.ts";
import { isOut, type NamedBlock } from "./names.ts";
import { assignSum, type NamedTerm } from "./statements.ts";

/** Signals that one template takes from another, and what it makes of them. */
export interface Port {
  /** Name of the input signal, the same as in the main template. */
  readonly name: string;
  readonly dimensions: readonly number[];
  /** Which elements of the main template's array it takes; null for all of them. */
  readonly picked: readonly number[] | null;
  /** Statements that define the variables which terms refer to. */
  readonly prologue: readonly string[];
}

/** What one template takes, and how it writes sums of it. */
export interface ChunkPorts {
  readonly ports: readonly Port[];
  terms(sum: Sum): NamedTerm[];
}

/** An array of the main template: the bits of an input's elements, or results. */
interface SignalArray {
  readonly name: string;
  readonly size: number;
  /** The input that its elements are the bits of; null for results. */
  readonly tensor: number | null;
}

/** A wire's place in the main template: `bit` is null where an element is a single signal. */
interface Place {
  readonly array: SignalArray;
  readonly index: number;
  readonly bit: number | null;
}

/** Where the wires of a program are in the main template. */
export class Ports {
  readonly #program: Program;
  readonly #inputs: readonly SignalArray[];
  readonly #results = new Map<number, Place>();

  constructor(program: Program, blocks: readonly NamedBlock[]) {
    this.#program = program;
    this.#inputs = program.inputs.map((spec, tensor) => ({
      name: `x${tensor}_bits`,
      size: elementCount(spec),
      tensor,
    }));
    for (const block of blocks) this.#addResults(block);
  }

  /**
   * What a template with these sums takes: of an array that it needs less than half of, only those elements, or a
   * thousand templates with a whole image each would not fit the Circom compiler.
   */
  of(sums: readonly Sum[]): ChunkPorts {
    const used = new Map<SignalArray, Set<number>>();
    const note = ({ array, index }: Place): void => {
      const indices = used.get(array) ?? new Set<number>();
      used.set(array, indices.add(index));
    };
    const ids = new Set(sums.flatMap(({ scalars }) => scalars));
    const variables: number[] = [];
    let salted = false;
    for (const id of ids) {
      const scalar = this.#scalar(id);
      if (scalar.source.kind === "input") {
        const array = this.#inputs[scalar.source.tensor];
        if (array !== undefined) note({ array, index: scalar.source.element, bit: null });
        continue;
      }
      for (const [wire] of scalar.terms) {
        if (wire === this.#program.saltWire) salted = true;
        else note(this.#placeOf(wire));
      }
      if (!isWireAlone(scalar)) variables.push(id);
    }
    const local = new Map<SignalArray, ReadonlyMap<number, number> | null>();
    const ports = [...used].map(([array, indices]): Port => {
      const picked = indices.size * 2 < array.size ? [...indices].sort((a, b) => a - b) : null;
      local.set(array, picked === null ? null : new Map(picked.map((index, at) => [index, at])));
      return this.#port(array, picked);
    });
    if (salted) ports.push({ name: SALT, dimensions: [], picked: null, prologue: [] });
    const at = (array: SignalArray, index: number): number => local.get(array)?.get(index) ?? index;
    const wireName = (wire: number): string => {
      if (wire === this.#program.saltWire) return SALT;
      const { array, index, bit } = this.#placeOf(wire);
      return `${array.name}[${at(array, index)}]${bit === null ? "" : `[${bit}]`}`;
    };
    const scalarName = (id: number): string => {
      const scalar = this.#scalar(id);
      if (scalar.source.kind === "input") {
        const { tensor, element } = scalar.source;
        const array = this.#inputs[tensor];
        return `x${tensor}[${array === undefined ? element : at(array, element)}]`;
      }
      const [only] = scalar.terms;
      return isWireAlone(scalar) && only !== undefined ? wireName(only[0]) : `value${id}`;
    };
    const prologue = variables.flatMap((id) => {
      const { constant, terms } = this.#scalar(id);
      const named = terms.map(([wire, weight]) => ({ weight, name: wireName(wire) }));
      return [`var value${id};`, ...assignSum(`value${id}`, constant, named)];
    });
    const last = ports.pop();
    return {
      ports: last === undefined ? [] : [...ports, { ...last, prologue: [...last.prologue, ...prologue] }],
      terms: ({ scalars, weights }) =>
        scalars.map((id, index) => ({ weight: weights[index] ?? 0n, name: scalarName(id) })),
    };
  }

  #addResults({ block, chunks, outs }: NamedBlock): void {
    const shared: SignalArray = { name: block.name, size: outs, tensor: null };
    let index = 0;
    for (const signal of chunks.flatMap(({ gadgets }) => gadgets.flatMap(({ signals }) => signals))) {
      if (!signal.result) continue;
      if (isOut(signal)) {
        this.#results.set(signal.first, { array: shared, index: index++, bit: null });
        continue;
      }
      const array = { name: signal.main, size: signal.size, tensor: null };
      for (let k = 0; k < signal.size; k++) this.#results.set(signal.first + k, { array, index: k, bit: null });
    }
  }

  #port(array: SignalArray, picked: readonly number[] | null): Port {
    const size = picked?.length ?? array.size;
    const spec = array.tensor === null ? undefined : this.#program.inputs[array.tensor];
    if (spec === undefined) return { name: array.name, dimensions: [size], picked, prologue: [] };
    const value = `x${array.tensor ?? 0}`;
    const low = spec.kind === "int" ? spec.bits - 1 : spec.bits;
    const sign = spec.kind === "int" ? ` ${value}[i] -= ${array.name}[i][${low}] * 2 ** ${low};` : "";
    const prologue = [
      `var ${value}[${size}];`,
      `for (var i = 0; i < ${size}; i++) {`,
      `    ${value}[i] = 0;`,
      `    for (var k = 0; k < ${low}; k++) { ${value}[i] += ${array.name}[i][k] * 2 ** k; }${sign}`,
      "}",
    ];
    return { name: array.name, dimensions: [size, spec.bits], picked, prologue };
  }

  /** A known sum may reach down to input bits. */
  #placeOf(wire: number): Place {
    const result = this.#results.get(wire);
    if (result !== undefined) return result;
    const { inputs, inputWires } = this.#program;
    const tensor = inputWires.findLastIndex((first) => first <= wire);
    const [array, bits] = [this.#inputs[tensor], inputs[tensor]?.bits ?? 1];
    const offset = wire - (inputWires[tensor] ?? 0);
    if (array === undefined || offset >= array.size * bits)
      throw new RangeError(`wire ${wire} is neither an input bit nor a gadget's result`);
    return { array, index: Math.floor(offset / bits), bit: offset % bits };
  }

  #scalar(id: number): Scalar {
    const scalar = this.#program.scalars[id];
    if (scalar === undefined) throw new RangeError(`scalar ${id} does not exist`);
    return scalar;
  }
}

const SALT = "salt";

function isWireAlone({ terms, constant }: Scalar): boolean {
  return terms.length === 1 && terms[0]?.[1] === 1n && constant === 0n;
}
