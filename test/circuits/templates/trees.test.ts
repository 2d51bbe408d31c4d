import { expect } from "chai";

import { evaluate, type IntegerGraph } from "../../../circuits/compiler/index.ts";
import { buildMatrix } from "../../../circuits/compiler/graph/matrix.ts";
import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import {
  compileInstance,
  expectEveryLieRefused,
  expectOnlyStoppedBy,
  type Instance,
  modulo,
  oneLayer,
} from "./cheating-prover.ts";

/**
 * Two trees of depth 2 on two numbers of four bits. The first chooses between values for one output; the second splits
 * shares among its leaves, because they count for three outputs each.
 */
const weights: readonly (readonly number[])[] = [
  [5, 17, 60, 33, 0, 0, 0, 0],
  [0, 0, 0, 0, 1, 20, 3, 40],
  [0, 0, 0, 0, 50, 6, 70, 8],
  [0, 0, 0, 0, 9, 10, 11, 12],
];
const graph: IntegerGraph = oneLayer(
  {
    kind: "trees",
    inputs: [0],
    size: 2,
    tests: [
      { element: 0, edges: [4] },
      { element: 0, edges: [8] },
      { element: 0, edges: [12] },
      { element: 1, edges: [5, 6] },
    ],
    nodes: [
      { test: 1, low: 1, high: 2 },
      { test: 0, low: -1, high: -2 },
      { test: 2, low: -3, high: -4 },
      { test: 3, low: 4, high: 5 },
      { test: 0, low: -5, high: -6 },
      { test: 2, low: -7, high: -8 },
    ],
    roots: [0, 3],
    matrix: buildMatrix(4, 8, (row, add) => weights[row]?.forEach((weight, leaf) => add(leaf, weight))),
    bias: new Float64Array(4),
  },
  { kind: "uint", bits: 4, size: 2 },
  { kind: "uint", bits: 8, size: 4 },
);

const member = (at: number): string => `main.layer0_member0[${at}]`;
const above = (k: number): string => `main.layer0_above0[${k}]`;
const product = (at: number): string => `main.layer0_1[${at}]`;

describe("the templates of trees", function () {
  this.timeout(30_000);
  let instance: Instance;

  before(async () => {
    instance = await compileInstance(graph);
  });

  /** The four outputs, from the word that holds them behind the byte of inputs. */
  const outputs = (witness: readonly bigint[]): number[] => {
    const word = witness[instance.wire("main.words[0]")] ?? 0n;
    return [1n, 2n, 3n, 4n].map((at) => Number((word >> (248n - 8n * (at + 1n))) & 255n));
  };

  it("take the honest witness of every input", () => {
    for (let code = 0; code < 256; code++) {
      const x = [BigInt(code & 15), BigInt(code >> 4)];
      const witness = instance.prove(x);
      expect(outputs(witness), x.join()).to.deep.equal(evaluate(graph, [x])[0]?.map(Number));
      expect(violatedConstraints(instance.system, witness), x.join()).to.deep.equal([]);
    }
  });

  it("refuse a number in the next interval: it is below that one's start", () => {
    const forged = instance.prove([7n, 5n], { [member(1)]: 0n, [member(2)]: 1n });
    expect(outputs(forged)).to.not.deep.equal(outputs(instance.prove([7n, 5n])));
    expect(violatedConstraints(instance.system, forged)).to.not.be.empty;
  });

  it("refuse a number in the interval before, with distances that would have to be negative", () => {
    const bits = { [above(0)]: 4n, [above(1)]: 0n };
    const forged = instance.prove([8n, 0n], { [member(2)]: 0n, [member(1)]: 1n, ...bits });
    expect(outputs(forged)).to.not.deep.equal(outputs(instance.prove([8n, 0n])));
    expect(violatedConstraints(instance.system, forged)).to.not.be.empty;
  });

  it("refuse two intervals, and so two paths", () => {
    const forged = instance.prove([2n, 5n], { [member(3)]: 1n });
    expect(violatedConstraints(instance.system, forged)).to.not.be.empty;
    const none = instance.prove([2n, 5n], { [member(0)]: 0n });
    expect(violatedConstraints(instance.system, none)).to.not.be.empty;
  });

  it("refuse intervals that cancel: members of -1 and 2", () => {
    const forged = instance.prove([2n, 5n], { [member(0)]: modulo(-1n), [member(1)]: 2n });
    expect(violatedConstraints(instance.system, forged)).to.not.be.empty;
  });

  it("refuse another leaf than the path's: the value that a node chooses", () => {
    // The first tree's value for 2 is 5; its product is how much the other side would add.
    const forged = instance.prove([2n, 0n], { [product(0)]: 12n });
    expect(outputs(forged)[0]).to.not.equal(5);
    expectOnlyStoppedBy(instance, forged, product(0));
  });

  it("refuse shares that are split wrongly: to both children, to the wrong one, or more than there is", () => {
    for (const at of [1, 2])
      for (const share of [1n, 2n, modulo(-1n)]) {
        const honest = instance.prove([2n, 0n]);
        expect(honest[instance.wire(product(at))], product(at)).to.equal(0n);
        const forged = instance.prove([2n, 0n], { [product(at)]: share });
        expect(outputs(forged).slice(1)).to.not.deep.equal(outputs(honest).slice(1));
        expectOnlyStoppedBy(instance, forged, product(at));
      }
  });

  it("refuse every lie about one wire, however the rest follows", () => {
    for (const x of [
      [0n, 0n],
      [3n, 5n],
      [4n, 6n],
      [15n, 15n],
      [11n, 5n],
    ])
      expectEveryLieRefused(instance, x, [0n, 1n, 2n, modulo(-1n)]);
  });
});
