import { expect } from "chai";
import fc from "fast-check";

import {
  compareSystems,
  compile,
  type CompileOptions,
  decodeGraph,
  emitCircom,
  encodeGraph,
  evaluate,
  findUndetermined,
  givenWires,
  lower,
  rootOf,
  type LoweredCircuit,
  symbolNames,
} from "../../../circuits/compiler/index.ts";
import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { commit } from "../../../circuits/format/commitment.ts";
import { FIELD_ORDER, interfaceWords } from "../../../circuits/format/interface-words.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { packInput, packOutput, type Visibility } from "../../../circuits/format/visibility.ts";
import { compileCircom } from "../../../circuits/toolchain/index.ts";
import { buildMlp, buildOnnx } from "./build-onnx.ts";

const MODES: readonly Visibility[] = [
  { input: "committed", output: "public", weights: "constant" },
  { input: "public", output: "committed", weights: "constant" },
  { input: "committed", output: "committed", weights: "constant" },
];
const SALT = 3n ** 150n;
const INPUT = [[1n, -2n, 3n, -4n, 127n]];

function circuitOf(visibility: Visibility, sizes = [5, 4, 3], argmax = true): LoweredCircuit {
  const inputs = [{ kind: "int", bits: 8, decimals: 0 }] as const;
  const { graph } = compile(buildMlp(sizes, 7, { argmax }), { name: "mlp", inputs, agreement: 0.5, visibility });
  // As a worker gets it.
  return lower(decodeGraph(encodeGraph(graph)));
}

function nameOf(visibility: Visibility): string {
  return `input ${visibility.input}, output ${visibility.output}`;
}

describe("a circuit with commitments", function () {
  this.timeout(60_000);

  for (const visibility of MODES) {
    it(`has the words that the chain has: ${nameOf(visibility)}`, () => {
      const circuit = circuitOf(visibility);
      const { inputs, outputs } = circuit.graph;
      fc.assert(
        fc.property(
          fc.array(fc.bigInt({ min: -128n, max: 127n }), { minLength: 5, maxLength: 5 }),
          fc.bigInt({ min: 0n, max: 2n ** 248n - 1n }),
          (values, salt) => {
            const { witness, publicSignals } = circuit.witness([values], 9n, salt);
            const answer = evaluate(circuit.graph, [values]);
            const words = interfaceWords(
              packInput(visibility, inputs, [values], salt),
              packOutput(visibility, outputs, answer, salt),
            );
            expect(publicSignals).to.deep.equal([9n, ...words]);
            expect(violatedConstraints(circuit.system, witness)).to.deep.equal([]);
          },
        ),
        { numRuns: 5, seed: 1 },
      );
    });

    it(`leaves the prover no choice: ${nameOf(visibility)}`, () => {
      const { system, program } = circuitOf(visibility);
      expect(findUndetermined(system, givenWires(program))).to.deep.equal([]);
    });
  }

  it("has the rows that Circom makes of its source", async () => {
    const circuit = circuitOf({ input: "committed", output: "committed", weights: "constant" }, [40, 4, 3], false);
    const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "committed" });
    const wireMap = symbolNames(circuit).map((name) => symbols.get(name) ?? -1);
    expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
  });

  it("chains hashes over more words than one takes", () => {
    const visibility: Visibility = { input: "committed", output: "public", weights: "constant" };
    for (const size of [465, 466]) {
      const circuit = circuitOf(visibility, [size, 2, 2]);
      const values = [Array.from({ length: size }, (_, index) => BigInt((index * 37) % 256) - 128n)];
      const { witness, publicSignals } = circuit.witness(values, 0n, SALT);
      expect(publicSignals[1]).to.equal(
        interfaceWords(commit("input", SALT, packTensors(circuit.graph.inputs, values)), new Uint8Array())[0],
      );
      expect(violatedConstraints(circuit.system, witness)).to.deep.equal([]);
      const permutations = circuit.program.blocks.flatMap(({ gadgets }) =>
        gadgets.filter(({ kind }) => kind === "poseidon"),
      );
      expect(permutations).to.have.lengthOf(size === 465 ? 1 : 2);
    }
  });

  it("refuses a salt that is missing or too large", () => {
    const circuit = circuitOf(MODES[0] ?? expect.fail());
    expect(() => circuit.witness(INPUT, 0n))
      .to.throw()
      .with.property("code", "SALT_MISSING");
    expect(() => circuit.witness(INPUT, 0n, 2n ** 248n))
      .to.throw()
      .with.property("code", "SALT_RANGE");
  });

  it("leaves graphs without anything hidden as they were", () => {
    const options = { name: "mlp", agreement: 0.5 };
    const plain = compile(buildMlp([5, 4, 3], 7), options).graph;
    const weights = "constant" as const;
    const asked = compile(buildMlp([5, 4, 3], 7), {
      ...options,
      visibility: { input: "public", output: "public", weights },
    });
    expect(encodeGraph(asked.graph)).to.deep.equal(encodeGraph(plain));
  });
});

describe("a forged commitment", function () {
  this.timeout(60_000);
  const circuit = circuitOf({ input: "committed", output: "public", weights: "constant" });
  const { system } = circuit;
  const names = symbolNames(circuit);
  const wire = (name: string): number => names.indexOf(name);
  const rowsNaming = (...wires: readonly number[]): number[] =>
    system.constraints.flatMap(({ a, b, c }, index) =>
      wires.every((each) => [...a, ...b, ...c].some(([at]) => at === each)) ? [index] : [],
    );

  it("of another input or another salt does not fit the public word", () => {
    const { publicSignals } = circuit.witness(INPUT, 9n, SALT);
    for (const [input, salt] of [
      [[[2n, -2n, 3n, -4n, 127n]], SALT],
      [INPUT, SALT + 1n],
    ] as const) {
      const { witness } = circuit.witness(input, 9n, salt);
      const forged = witness.map((value, index) => (index === 2 ? (publicSignals[1] ?? 0n) : value));
      expect(violatedConstraints(system, forged)).to.deep.equal(rowsNaming(wire("main.words[0]")));
    }
  });

  it("of the same hash plus the field's order is stopped by the comparison alone", () => {
    const bits = wire("main.input_commitment_1_bits0[0]");
    const chunk = names.find((name) => name.includes(".gap0[0]")) ?? "";
    const gap = wire(chunk);
    const hashOf = (witness: readonly bigint[]): bigint =>
      witness.slice(bits, bits + 254).reduce((sum, bit, k) => sum + (bit << BigInt(k)), 0n);
    const salts = Array.from({ length: 40 }, (_, index) => SALT + BigInt(index));
    const witness = salts
      .map((salt) => circuit.witness(INPUT, 9n, salt).witness)
      .find((each) => hashOf(each) + FIELD_ORDER < 2n ** 254n);
    if (witness === undefined) throw new Error("one hash in four has an alias");
    const alias = hashOf(witness) + FIELD_ORDER;
    const forged = [...witness];
    for (let k = 0; k < 254; k++) forged[bits + k] = (alias >> BigInt(k)) & 1n;
    forged[2] = BigInt.asUintN(248, alias);
    expect(forged[2]).to.not.equal(witness[2]);
    const comparison = rowsNaming(bits + 253, gap);
    expect(comparison).to.have.lengthOf(1);
    expect(violatedConstraints(system, forged)).to.deep.equal(comparison);
    // No gap mends it: the highest bits alone are too large.
    const top = alias >> 126n;
    expect(top > (FIELD_ORDER >> 126n) - 1n).to.equal(true);
  });

  it("has every wire of its hash and bits pinned", () => {
    const { witness } = circuit.witness(INPUT, 9n, SALT);
    const first = names.findIndex((name) => name.startsWith("main.input_commitment"));
    const gadgets = circuit.program.blocks.filter(({ name }) => name.startsWith("input_commitment"));
    expect(gadgets).to.have.lengthOf(2);
    const wires = names.flatMap((name, index) => (name.includes("input_commitment") ? [index] : []));
    expect(wires.length).to.be.greaterThan(600);
    expect(first).to.be.greaterThan(0);
    for (const each of wires)
      for (const value of [0n, 1n, FIELD_ORDER - 1n]) {
        if (witness[each] === value) continue;
        const forged = witness.map((honest, index) => (index === each ? value : honest));
        expect(violatedConstraints(system, forged), `${names[each]} = ${value}`).to.not.deep.equal([]);
      }
  });

  it("cannot choose bits that are cut off or doubled", () => {
    const bits = wire("main.input_commitment_1_bits0[0]");
    const { witness } = circuit.witness(INPUT, 9n, SALT);
    // The lowest bit that is 1 becomes 0, and the one below it 2: the sum is the same.
    const at = witness.findIndex(
      (value, index) => index > bits && index < bits + 254 && value === 1n && witness[index - 1] === 0n,
    );
    const forged = witness.map((value, index) => (index === at ? 0n : index === at - 1 ? 2n : value));
    const rows = violatedConstraints(system, forged);
    expect(rows).to.include.members(rowsNaming(at - 1).filter((row) => system.constraints[row]?.a.length === 1));
    const cut = witness.map((value, index) => (index >= bits + 248 && index < bits + 254 ? 0n : value));
    expect(violatedConstraints(system, cut)).to.not.deep.equal([]);
  });
});

describe("a circuit with committed weights", function () {
  this.timeout(60_000);
  const options = {
    name: "mlp",
    inputs: [{ kind: "int", bits: 8, decimals: 0 }],
    weightBits: 6,
    activationBits: 8,
    agreement: 0.5,
    visibility: { input: "public", output: "public", weights: "committed" },
  } as const;
  const trained = compile(buildMlp([5, 4, 3], 7), options).graph;
  const retrained = compile(buildMlp([5, 4, 3], 8), { ...options, retrainOf: trained }).graph;
  const circuits = [trained, retrained].map((graph) => lower(decodeGraph(encodeGraph(graph))));
  const [circuit = expect.fail(), other = expect.fail()] = circuits;

  it("has the same rows for every model of its shape", () => {
    expect(other.system).to.deep.equal(circuit.system);
    expect(rootOf(retrained)).to.not.equal(rootOf(trained));
  });

  it("computes what the integers do, and shows the root of its weights", () => {
    for (const each of circuits) {
      const { graph, system } = each;
      const made = each.witness(INPUT, 9n);
      expect(made.outputs).to.deep.equal(evaluate(graph, INPUT));
      expect(made.publicSignals.at(-1)).to.equal(rootOf(graph));
      expect(violatedConstraints(system, made.witness)).to.deep.equal([]);
    }
  });

  it("leaves the prover no choice", () => {
    expect(findUndetermined(circuit.system, givenWires(circuit.program))).to.deep.equal([]);
  });

  it("has the rows that Circom makes of its source", async () => {
    const { system, symbols } = await compileCircom(emitCircom(circuit), { name: "weights" });
    const wireMap = symbolNames(circuit).map((name) => symbols.get(name) ?? -1);
    expect(compareSystems(circuit.system, system, wireMap)).to.deep.equal([]);
  });

  it("does not take other weights under the same root", () => {
    const { witness } = other.witness(INPUT, 9n);
    const root = symbolNames(circuit).indexOf(`main.words[${circuit.program.words.length - 1}]`);
    const forged = witness.map((value, index) => (index === root ? rootOf(trained) : value));
    expect(violatedConstraints(circuit.system, forged)).to.have.lengthOf(1);
  });

  it("is refused for another shape, other types, weights that do not fit, and what has no dense layers", () => {
    const refuse = (onnx: Uint8Array, changes: Partial<CompileOptions>): void => {
      expect(() => compile(onnx, { ...options, ...changes }))
        .to.throw()
        .with.property("code", "OPTIONS_INVALID");
    };
    const input = { kind: "int", bits: 16, decimals: 0 } as const;
    refuse(buildMlp([5, 5, 3], 7), { retrainOf: trained });
    refuse(buildMlp([5, 4, 4, 3], 7), { retrainOf: trained });
    refuse(buildMlp([5, 4, 3], 7), { retrainOf: trained, inputs: [input] });
    refuse(scaledMlp(16), { retrainOf: trained });
    refuse(buildOnnx({ inputs: [{ name: "x", shape: [4] }], outputs: ["y"], nodes: [RELU] }), {
      outputs: [{ ...input, bits: 8 }],
    });
  });
});

const RELU = { op: "Relu", inputs: ["x"], outputs: ["y"] };

/** One layer whose weights are much larger than those that the reference has room for. */
function scaledMlp(factor: number): Uint8Array {
  const gemm = (index: number, from: string, to: string) => ({
    op: "Gemm",
    inputs: [from, `w${index}`, `b${index}`],
    outputs: [to],
  });
  const constant = (name: string, shape: readonly number[]) => ({
    name,
    shape,
    values: Array.from(
      { length: shape.reduce((product, size) => product * size, 1) },
      (_, at) => factor * ((at % 3) - 1),
    ),
  });
  return buildOnnx({
    inputs: [{ name: "input", shape: [1, 5] }],
    outputs: ["label"],
    constants: [constant("w0", [5, 4]), constant("b0", [4]), constant("w1", [4, 3]), constant("b1", [3])],
    nodes: [
      gemm(0, "input", "sum"),
      { op: "Relu", inputs: ["sum"], outputs: ["hidden"] },
      gemm(1, "hidden", "logits"),
      { op: "ArgMax", inputs: ["logits"], outputs: ["label"], attributes: { axis: 1, keepdims: 0 } },
    ],
  });
}
