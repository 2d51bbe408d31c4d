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
  /** Statements that define the variables which terms refer to. */
  readonly prologue: readonly string[];
}

/** An array of the main template that holds results, from some wire on; "out" results are not consecutive wires. */
interface ResultArray {
  readonly name: string;
  readonly size: number;
}

const SALT: Port = { name: "salt", dimensions: [], prologue: [] };

/** Where the wires of a program are in the main template, and how templates write sums of them. */
export class Ports {
  readonly #program: Program;
  /** For each wire that is a result: its array and its place there. */
  readonly #results = new Map<number, { readonly array: ResultArray; readonly index: number }>();

  constructor(program: Program, blocks: readonly NamedBlock[]) {
    this.#program = program;
    for (const block of blocks) this.#addResults(block);
  }

  #addResults({ block, chunks, outs }: NamedBlock): void {
    const shared: ResultArray = { name: block.name, size: outs };
    let index = 0;
    for (const signal of chunks.flatMap(({ gadgets }) => gadgets.flatMap(({ signals }) => signals))) {
      if (!signal.result) continue;
      if (isOut(signal)) {
        this.#results.set(signal.first, { array: shared, index: index++ });
        continue;
      }
      const array = { name: signal.main, size: signal.size };
      for (let k = 0; k < signal.size; k++) this.#results.set(signal.first + k, { array, index: k });
    }
  }

  /** The ports that some sums need, each once, in the order of their first use. */
  of(sums: readonly Sum[]): Port[] {
    const ports = new Map<string, Port>();
    const variables = new Map<number, readonly string[]>();
    for (const { scalars } of sums)
      for (const id of scalars) {
        const scalar = this.#scalar(id);
        if (scalar.source.kind === "input") {
          const port = inputPort(this.#program, scalar.source.tensor);
          ports.set(port.name, port);
          continue;
        }
        for (const [wire] of scalar.terms) this.#addPort(wire, ports);
        if (!isWireAlone(scalar) && !variables.has(id))
          variables.set(id, [
            `var value${id};`,
            ...assignSum(
              `value${id}`,
              scalar.constant,
              scalar.terms.map(([wire, weight]) => ({ weight, name: this.#wireName(wire) })),
            ),
          ]);
      }
    const prologue = [...variables.values()].flat();
    const found = [...ports.values()];
    const last = found.at(-1);
    if (last !== undefined && prologue.length > 0)
      found[found.length - 1] = { ...last, prologue: [...last.prologue, ...prologue] };
    return found;
  }

  /** A sum's terms, named as the prologues of its ports name them. */
  terms({ scalars, weights }: Sum): NamedTerm[] {
    return scalars.map((id, index) => ({ weight: weights[index] ?? 0n, name: this.#scalarName(id) }));
  }

  #scalarName(id: number): string {
    const scalar = this.#scalar(id);
    if (scalar.source.kind === "input") return `x${scalar.source.tensor}[${scalar.source.element}]`;
    const [only] = scalar.terms;
    return isWireAlone(scalar) && only !== undefined ? this.#wireName(only[0]) : `value${id}`;
  }

  #addPort(wire: number, ports: Map<string, Port>): void {
    if (wire === this.#program.saltWire) {
      ports.set(SALT.name, SALT);
      return;
    }
    const result = this.#results.get(wire);
    if (result === undefined) {
      const port = inputPort(this.#program, this.#tensorOf(wire).tensor);
      ports.set(port.name, port);
      return;
    }
    const { name, size } = result.array;
    if (!ports.has(name)) ports.set(name, { name, dimensions: [size], prologue: [] });
  }

  /** A known sum may reach down to input bits. */
  #wireName(wire: number): string {
    if (wire === this.#program.saltWire) return SALT.name;
    const result = this.#results.get(wire);
    if (result !== undefined) return `${result.array.name}[${result.index}]`;
    const { tensor, offset } = this.#tensorOf(wire);
    const bits = this.#program.inputs[tensor]?.bits ?? 1;
    return `x${tensor}_bits[${Math.floor(offset / bits)}][${offset % bits}]`;
  }

  #tensorOf(wire: number): { readonly tensor: number; readonly offset: number } {
    const { inputs, inputWires } = this.#program;
    const tensor = inputWires.findLastIndex((first) => first <= wire);
    const spec = inputs[tensor];
    const offset = wire - (inputWires[tensor] ?? 0);
    if (spec === undefined || offset >= elementCount(spec) * spec.bits)
      throw new RangeError(`wire ${wire} is neither an input bit nor a gadget's result`);
    return { tensor, offset };
  }

  #scalar(id: number): Scalar {
    const scalar = this.#program.scalars[id];
    if (scalar === undefined) throw new RangeError(`scalar ${id} does not exist`);
    return scalar;
  }
}

function isWireAlone({ terms, constant }: Scalar): boolean {
  return terms.length === 1 && terms[0]?.[1] === 1n && constant === 0n;
}

function inputPort({ inputs }: Program, tensor: number): Port {
  const spec = inputs[tensor];
  if (spec === undefined) throw new RangeError(`input ${tensor} does not exist`);
  const count = elementCount(spec);
  const [name, value] = [`x${tensor}_bits`, `x${tensor}`];
  const low = spec.kind === "int" ? spec.bits - 1 : spec.bits;
  const sign = spec.kind === "int" ? ` ${value}[i] -= ${name}[i][${low}] * 2 ** ${low};` : "";
  return {
    name,
    dimensions: [count, spec.bits],
    prologue: [
      `var ${value}[${count}];`,
      `for (var i = 0; i < ${count}; i++) {`,
      `    ${value}[i] = 0;`,
      `    for (var k = 0; k < ${low}; k++) { ${value}[i] += ${name}[i][k] * 2 ** k; }${sign}`,
      "}",
    ],
  };
}
