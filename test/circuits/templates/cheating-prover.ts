import { expect } from "chai";

import {
  emitCircom,
  type IntegerGraph,
  lower,
  type LoweredCircuit,
  symbolNames,
} from "../../../circuits/compiler/index.ts";
import { gapStart } from "../../../circuits/compiler/gadgets/argmax.ts";
import { gadgetWireCount } from "../../../circuits/compiler/gadgets/table.ts";
import type { Gadget, Sum } from "../../../circuits/compiler/gadgets/gadget.ts";
import { expandSum } from "../../../circuits/compiler/lower/expand-sum.ts";
import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import type { ConstraintSystem } from "../../../circuits/format/r1cs.ts";
import type { ElementKind } from "../../../circuits/format/tensor.ts";
import { compileCircom } from "../../../circuits/toolchain/index.ts";

export type Lies = Readonly<Record<string, bigint>>;

/** One small circuit as Circom compiles it, and a prover that lies about some wires and is honest about the rest. */
export interface Instance {
  readonly system: ConstraintSystem;
  /** Full signal names of the private wires of gadgets. */
  readonly gadgetWires: readonly string[];
  readonly wire: (name: string) => number;
  /**
   * A witness for these inputs in which the named signals have the given values, and everything that is computed after them
   * follows from them; what does not fit its bits is cut off. Without lies, the honest witness.
   */
  readonly prove: (inputs: readonly bigint[], lies?: Lies) => bigint[];
}

export async function compileInstance(graph: IntegerGraph): Promise<Instance> {
  const circuit = lower(graph);
  const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "instance" });
  const names = symbolNames(circuit);
  const theirs = names.map((name) => symbols.get(name) ?? 0);
  const wire = (name: string): number => {
    const found = symbols.get(name);
    if (found === undefined) throw new RangeError(`no signal is called ${name}`);
    return found;
  };
  return {
    system,
    gadgetWires: circuit.program.blocks.flatMap(({ gadgets }) =>
      gadgets.flatMap((gadget) => gadgetWires(gadget).map((at) => names[at] ?? "")),
    ),
    wire,
    prove: (inputs, lies = {}) => {
      for (const name of Object.keys(lies)) wire(name);
      const witness = new Array<bigint>(system.wireCount).fill(0n);
      cheat(circuit, inputs, (at) => lies[names[at] ?? ""]).forEach((value, at) => (witness[theirs[at] ?? 0] = value));
      return witness;
    },
  };
}

/** The forgery breaks exactly one row for each signal, which names it; without these rows it would pass. */
export function expectOnlyStoppedBy(
  { system, wire }: Instance,
  forged: readonly bigint[],
  ...signals: readonly string[]
): void {
  const violated = violatedConstraints(system, forged);
  expect(violated, "rows that stop it").to.have.lengthOf(signals.length);
  const rows = violated.flatMap((index) => system.constraints[index] ?? []);
  for (const signal of signals) {
    const named = rows.filter(({ a, b, c }) => [...a, ...b, ...c].some(([at]) => at === wire(signal)));
    expect(named, `rows that stop it and name ${signal}`).to.not.be.empty;
  }
  const constraints = system.constraints.filter((row) => !rows.includes(row));
  expect(violatedConstraints({ ...system, constraints }, forged), "without these rows").to.deep.equal([]);
}

/** Every gadget wire in turn takes every one of these values, and the rest follows from it. */
export function expectEveryLieRefused(
  { system, gadgetWires, prove }: Instance,
  inputs: readonly bigint[],
  values: readonly bigint[],
): void {
  const honest = prove(inputs).join();
  for (const name of gadgetWires)
    for (const value of values) {
      const forged = prove(inputs, { [name]: value });
      if (forged.join() === honest) continue;
      expect(violatedConstraints(system, forged), `${inputs.join()}, ${name} = ${value}`).to.not.be.empty;
    }
}

export interface Edge {
  readonly kind: ElementKind;
  readonly bits: number;
  readonly size: number;
}

/** A graph with one layer. */
export function oneLayer(layer: IntegerGraph["layers"][number], input: Edge, output: Edge): IntegerGraph {
  const spec = (name: string, { kind, bits, size }: Edge) => ({ name, kind, bits, decimals: 0, shape: [size] });
  return {
    name: layer.kind,
    inputs: [spec("x", input)],
    outputs: [spec("y", output)],
    layers: [layer],
    origins: [{ nodes: [], ops: [], shape: [] }],
    results: [1],
  };
}

export function modulo(value: bigint): bigint {
  return ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
}

function centered(value: bigint): bigint {
  return value > FIELD_ORDER / 2n ? value - FIELD_ORDER : value;
}

function gadgetWires(gadget: Gadget): number[] {
  return Array.from({ length: gadgetWireCount(gadget) }, (_, index) => gadget.first + index);
}

/** Written apart from the compiler's own witness program, which refuses to lie. */
function cheat(
  { program }: LoweredCircuit,
  inputs: readonly bigint[],
  lie: (wire: number) => bigint | undefined,
): bigint[] {
  const wires = new Array<bigint>(program.wireCount).fill(0n);
  const valueOf = (wire: number): bigint => wires[wire] ?? 0n;
  const set = (wire: number, value: bigint): void => {
    wires[wire] = modulo(lie(wire) ?? value);
  };
  const sumOf = (sum: Sum): bigint => {
    const { terms, constant } = expandSum(sum, program.scalars);
    return modulo(terms.reduce((total, [wire, factor]) => total + factor * valueOf(wire), constant));
  };
  const setBits = (first: number, count: number, value: bigint): void => {
    for (let k = 0; k < count; k++) set(first + k, (modulo(value) >> BigInt(k)) & 1n);
  };
  const square = 2 + program.words.length;
  set(0, 1n);
  set(1, 7n);
  set(square, valueOf(1) * valueOf(1));
  inputs.forEach((value, element) => {
    const bits = program.inputs[0]?.bits ?? 0;
    setBits((program.inputWires[0] ?? 0) + element * bits, bits, BigInt.asUintN(bits, value));
  });
  for (const gadget of program.blocks.flatMap(({ gadgets }) => gadgets)) {
    const { first } = gadget;
    switch (gadget.kind) {
      case "bits":
        setBits(first, gadget.bits, sumOf(gadget.sum));
        break;
      case "relu": {
        setBits(first, gadget.bits, sumOf(gadget.sum));
        let magnitude = 0n;
        for (let k = gadget.shift; k < gadget.bits - 1; k++)
          magnitude += valueOf(first + k) << BigInt(k - gadget.shift);
        set(first + gadget.bits, sumOf(gadget.base) + valueOf(first + gadget.bits - 1) * magnitude);
        break;
      }
      case "product":
        set(first, sumOf(gadget.left) * sumOf(gadget.right));
        break;
      case "argmax": {
        const values = gadget.sums.map(sumOf);
        const signed = values.map(centered);
        const best = signed.reduce((most, value) => (value > most ? value : most));
        signed.forEach((_, index) => set(first + index, signed.indexOf(best) === index ? 1n : 0n));
        const largest = first + values.length;
        set(largest, best);
        values.forEach((value, index) => {
          const later = values.slice(index + 1).reduce((sum, _, at) => sum + valueOf(first + index + 1 + at), 0n);
          setBits(gapStart(gadget, index), gadget.gaps[index] ?? 0, valueOf(largest) - value - later);
        });
        break;
      }
      case "quotient": {
        const { base, quotientBits, remainderBits } = gadget;
        const [a, b] = [centered(sumOf(gadget.dividend)), centered(sumOf(gadget.divisor))];
        const down = (a % b < 0n ? a / b - 1n : a / b) - base;
        setBits(first, quotientBits, down);
        let quotient = base;
        for (let k = 0; k < quotientBits; k++) quotient += valueOf(first + k) << BigInt(k);
        setBits(first + quotientBits, remainderBits, a - quotient * b);
        let remainder = 0n;
        for (let k = 0; k < remainderBits; k++) remainder += valueOf(first + quotientBits + k) << BigInt(k);
        setBits(first + quotientBits + remainderBits, remainderBits, b - 1n - remainder);
        break;
      }
      case "segments": {
        const value = centered(sumOf(gadget.sum));
        const count = gadget.starts.length;
        gadget.starts.forEach((start, at) =>
          set(first + at, start <= value && value <= (gadget.ends[at] ?? 0n) ? 1n : 0n),
        );
        const chosen = (bounds: readonly bigint[]): bigint =>
          bounds.reduce((sum, bound, at) => sum + bound * valueOf(first + at), 0n);
        setBits(first + count, gadget.bits, value - chosen(gadget.starts));
        setBits(first + count + gadget.bits, gadget.bits, chosen(gadget.ends) - value);
      }
    }
  }
  for (const { wire, value } of program.words)
    set(
      wire,
      value.terms.reduce((sum, [from, factor]) => sum + factor * valueOf(from), value.constant),
    );
  return wires;
}
