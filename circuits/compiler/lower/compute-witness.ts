import { WitnessError } from "../../format/check-witness.ts";
import { toField } from "../../format/field.ts";
import { WORD_BITS } from "../../format/interface-words.ts";
import { requireSalt } from "../../format/visibility.ts";
import type { Sum, WireWriter } from "../gadgets/gadget.ts";
import { writeWitness } from "../gadgets/table.ts";
import type { IntegerGraph } from "../graph/graph.ts";
import { assertInputs } from "../graph/evaluate.ts";
import { BINDING_WIRE, FIRST_WORD_WIRE, type Program } from "./program.ts";
import { weightTensors } from "./witness-weights.ts";

export interface WitnessResult {
  readonly witness: bigint[];
  /** One array for each output tensor. */
  readonly outputs: bigint[][];
  /** The binding, then the interface words: wires 1 to publicCount. */
  readonly publicSignals: bigint[];
}

/**
 * Fills every wire in one pass. Throws `TENSOR_LENGTH` or `TENSOR_RANGE` for inputs that the specs do not allow and
 * `WITNESS_VALUE` for a binding that is not a 248-bit number; `SALT_MISSING` or `SALT_RANGE` for a circuit that commits.
 */
export function computeWitness(
  graph: IntegerGraph,
  program: Program,
  inputs: readonly (readonly bigint[])[],
  binding: bigint,
  salt?: bigint,
): WitnessResult {
  assertInputs(graph, inputs);
  if (binding < 0n || binding >> BigInt(WORD_BITS) !== 0n)
    throw new WitnessError("WITNESS_VALUE", `the binding must be a ${WORD_BITS}-bit number, not ${binding}`, {
      details: { binding: binding.toString() },
    });
  /** Integers, which may be negative, until the end. */
  const wires = new Array<bigint>(program.wireCount).fill(0n);
  wires[0] = 1n;
  wires[BINDING_WIRE] = binding;
  wires[FIRST_WORD_WIRE + program.words.length] = toField(binding * binding);
  if (program.saltWire !== null) wires[program.saltWire] = requireSalt(salt);
  setInputBits(program, [...inputs, ...weightTensors(graph).map(({ values }) => values)], wires);

  /** Each is read only after its wires are set. */
  const scalars: (bigint | undefined)[] = [];
  const scalarValue = (id: number): bigint => {
    const known = scalars[id];
    if (known !== undefined) return known;
    const scalar = program.scalars[id];
    let value = scalar?.constant ?? 0n;
    for (const [wire, coefficient] of scalar?.terms ?? []) value += coefficient * (wires[wire] ?? 0n);
    scalars[id] = value;
    return value;
  };
  const valueOf = ({ scalars: ids, weights, constant }: Sum): bigint => {
    let value = constant;
    ids.forEach((id, index) => {
      const scalar = scalarValue(id);
      if (scalar !== 0n) value += (weights[index] ?? 0n) * scalar;
    });
    return value;
  };
  const writer: WireWriter = {
    valueOf,
    set: (wire, value) => {
      wires[wire] = value;
    },
  };
  for (const block of program.blocks) for (const gadget of block.gadgets) writeWitness(gadget, writer);
  for (const { wire, value } of program.words) {
    let word = value.constant;
    for (const [from, coefficient] of value.terms) word += coefficient * (wires[from] ?? 0n);
    wires[wire] = toField(word);
  }
  const outputs = program.results.map((sums) => sums.map(valueOf));
  wires.forEach((value, wire) => {
    if (value < 0n) wires[wire] = toField(value);
  });
  return {
    witness: wires,
    outputs,
    publicSignals: wires.slice(1, FIRST_WORD_WIRE + program.words.length),
  };
}

function setInputBits(program: Program, inputs: readonly (readonly bigint[])[], wires: bigint[]): void {
  program.inputs.forEach((spec, tensor) => {
    let wire = program.inputWires[tensor] ?? 0;
    for (const element of inputs[tensor] ?? [])
      for (let bit = 0; bit < spec.bits; bit++) wires[wire++] = (element >> BigInt(bit)) & 1n;
  });
}
