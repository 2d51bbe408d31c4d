import { expect } from "chai";

import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { compileInstance, expectOnlyStoppedBy, type Instance, modulo, oneLayer } from "./cheating-prover.ts";

const word = "main.words[0]";
const input = (element: number, k: number): string => `main.x0_bits[${element}][${k}]`;

/** Three inputs of four bits, four bits of padding, and an output of eight bits: 24 of the 248 bits of the only word. */
describe("the interface templates", function () {
  this.timeout(30_000);
  let instance: Instance;
  const z = [3n, 9n, 5n];

  before(async () => {
    const layer = { kind: "argmax", inputs: [0], outer: 1, classes: 3, inner: 1, gives: "index" } as const;
    instance = await compileInstance(
      oneLayer(layer, { kind: "uint", bits: 4, size: 3 }, { kind: "label", bits: 8, size: 1 }),
    );
  });

  it("take the honest word", () => {
    const witness = instance.prove(z);
    expect(witness[instance.wire(word)]).to.equal(0x395001n << 224n);
    expect(violatedConstraints(instance.system, witness)).to.deep.equal([]);
  });

  it("refuse a set bit in the padding of a tensor, of the word, and above the word", () => {
    const honest = 0x395001n << 224n;
    for (const bit of [224n + 8n, 224n + 11n, 223n, 0n, 248n, 252n])
      expectOnlyStoppedBy(instance, instance.prove(z, { [word]: honest + (1n << bit) }), word);
  });

  it("refuse another input and another output in the word", () => {
    expectOnlyStoppedBy(instance, instance.prove(z, { [word]: 0x495001n << 224n }), word);
    expectOnlyStoppedBy(instance, instance.prove(z, { [word]: 0x395002n << 224n }), word);
  });

  it("refuse an input above its width, its word being right", () => {
    // The first element is 3 = 0b0011, which is 3 times its lowest bit.
    expectOnlyStoppedBy(instance, instance.prove(z, { [input(0, 1)]: 0n, [input(0, 0)]: 3n }), input(0, 0));
    // 4 and -7 have the word of 3 and 9, but then class 2 wins.
    const forged = instance.prove(z, {
      [input(0, 2)]: 1n,
      [input(0, 1)]: 0n,
      [input(0, 0)]: 0n,
      [input(1, 0)]: modulo(9n - 24n),
    });
    expect(forged[instance.wire(word)]).to.equal(0x395002n << 224n);
    expectOnlyStoppedBy(instance, forged, input(1, 0));
  });

  it("refuse input bits that are not those of the word", () => {
    const honest = 0x395001n << 224n;
    for (const [element, k] of [
      [0, 0],
      [1, 2],
      [2, 1],
    ] as const) {
      const bit = (z[element] ?? 0n) >> BigInt(k);
      expectOnlyStoppedBy(instance, instance.prove(z, { [input(element, k)]: 1n - (bit & 1n), [word]: honest }), word);
    }
  });

  it("refuse another binding, and hold it in a row of its own", () => {
    const { system, wire, prove } = instance;
    const witness = prove(z);
    const forged = witness.map((value, at) => (at === wire("main.binding") ? value + 1n : value));
    expectOnlyStoppedBy(instance, forged, "main.binding");
    const rows = system.constraints.filter((row) => row.a.some(([at]) => at === wire("main.binding")));
    expect(rows).to.deep.equal([
      { a: [[wire("main.binding"), rows[0]?.a[0]?.[1]]], b: [[wire("main.binding"), 1n]], c: rows[0]?.c },
    ]);
  });

  it("hold every public signal in some row", () => {
    const { system } = instance;
    const held = new Set(system.constraints.flatMap(({ a, b, c }) => [...a, ...b, ...c].map(([at]) => at)));
    for (let wire = 0; wire < system.wireCount; wire++) expect(held.has(wire), `wire ${wire}`).to.equal(true);
  });
});
