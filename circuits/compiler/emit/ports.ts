import { elementCount } from "../../format/tensor.ts";
import type { Sum } from "../gadgets/gadget.ts";
import type { Program, Scalar } from "../lower/program.ts";
import { reluIndex, resultName } from "./names.ts";
import type { NamedTerm } from "./statements.ts";

/** Signals that one template takes from another, and what it makes of them. */
export interface Port {
  /** Name of the input signal, the same as in the main template. */
  readonly name: string;
  readonly dimensions: readonly number[];
  /** Statements that define the variables which terms refer to. */
  readonly prologue: readonly string[];
}

/** The ports that some sums need, each once, in the order of their first use. */
export function portsOf(program: Program, sums: readonly Sum[]): Port[] {
  const ports = new Map<string, Port>();
  for (const { scalars } of sums)
    for (const id of scalars) {
      const port = portOf(program, program.scalars[id]);
      if (port !== undefined && !ports.has(port.name)) ports.set(port.name, port);
    }
  return [...ports.values()];
}

/** A sum's terms, named as the prologues of its ports name them. */
export function namedTerms(program: Program, { scalars, weights }: Sum): NamedTerm[] {
  return scalars.map((id, index) => ({ weight: weights[index] ?? 0n, name: scalarName(program, program.scalars[id]) }));
}

function scalarName({ blocks }: Program, scalar: Scalar | undefined): string {
  if (scalar === undefined) throw new RangeError("a sum names a scalar that does not exist");
  const { source } = scalar;
  if (source.kind === "input") return `x${source.tensor}[${source.element}]`;
  const block = blocks[source.block];
  if (block === undefined) throw new RangeError(`block ${source.block} does not exist`);
  if (source.kind === "relu") return `${block.name}[${reluIndex(block, source.position)}]`;
  return `${block.name}_value${source.position}`;
}

function portOf(program: Program, scalar: Scalar | undefined): Port | undefined {
  if (scalar === undefined) return undefined;
  const { source } = scalar;
  if (source.kind === "input") return inputPort(program, source.tensor);
  const block = program.blocks[source.block];
  const gadget = block?.gadgets[source.position];
  if (block === undefined || gadget === undefined) return undefined;
  if (source.kind === "relu")
    return { name: block.name, dimensions: [reluIndex(block, block.gadgets.length)], prologue: [] };
  const name = resultName(block, source.position);
  const value = scalarName(program, scalar);
  if (gadget.kind === "argmax") {
    const count = gadget.sums.length;
    return {
      name,
      dimensions: [count],
      prologue: [`var ${value} = 0;`, `for (var i = 0; i < ${count}; i++) { ${value} += i * ${name}[i]; }`],
    };
  }
  const { bits } = gadget;
  const shift = source.kind === "rounded" ? source.shift : 0;
  return {
    name,
    dimensions: [bits],
    prologue: [
      `var ${value} = ${scalar.constant};`,
      `for (var k = ${shift}; k < ${bits}; k++) { ${value} += ${name}[k] * 2 ** (k - ${shift}); }`,
    ],
  };
}

function inputPort({ inputs }: Program, tensor: number): Port | undefined {
  const spec = inputs[tensor];
  if (spec === undefined) return undefined;
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
