import { expect } from "chai";

import { compile, findUndetermined, lower } from "../../../circuits/compiler/index.ts";
import { violatedConstraints } from "../../../circuits/format/check-witness.ts";
import { buildMlp } from "../compiler/build-onnx.ts";

describe("a forged witness", () => {
  const options = { name: "forged", inputs: [{ kind: "uint" as const, bits: 8, decimals: 0 }] };
  const circuit = lower(compile(buildMlp([6, 9, 4], 3), options).graph);
  const { system } = circuit;
  const honest = circuit.witness([[1n, 200n, 30n, 0n, 255n, 77n]], 5n).witness;

  it("is refused whichever single wire is changed", () => {
    for (let wire = 1; wire < honest.length; wire++) {
      const forged = honest.map((value, index) => (index === wire ? value + 1n : value));
      expect(violatedConstraints(system, forged), `wire ${wire}`).to.not.be.empty;
    }
  });

  it("could be chosen if any boolean constraint were missing", () => {
    expect(findUndetermined(system)).to.deep.equal([]);
    system.constraints.forEach(({ a, b, c }, row) => {
      if (a.length !== 1 || a[0]?.[0] !== b[0]?.[0] || a[0]?.[0] !== c[0]?.[0]) return;
      const constraints = system.constraints.filter((_, index) => index !== row);
      expect(findUndetermined({ ...system, constraints }), `row ${row}`).to.not.be.empty;
    });
  }).timeout(60_000);
});
