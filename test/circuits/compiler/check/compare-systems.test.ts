import { expect } from "chai";
import fc from "fast-check";

import { compareSystems, compile, lower } from "../../../../circuits/compiler/index.ts";
import { FIELD_ORDER } from "../../../../circuits/format/interface-words.ts";
import type { Constraint, ConstraintSystem, Terms } from "../../../../circuits/format/r1cs.ts";
import { buildMlp } from "../build-onnx.ts";

const { system } = lower(
  compile(buildMlp([3, 4, 3], 3), { name: "compared", inputs: [{ kind: "uint", bits: 4, decimals: 0 }] }).graph,
);
const same = Array.from({ length: system.wireCount }, (_, wire) => wire);

function withRows(change: (rows: Constraint[]) => void): ConstraintSystem {
  const constraints = [...system.constraints];
  change(constraints);
  return { ...system, constraints };
}

function differences(theirs: ConstraintSystem, wireMap: readonly number[] = same): string[] {
  return compareSystems(system, theirs, wireMap);
}

/** Replaces the terms of one side of one row. */
function changeTerms(index: number, side: keyof Constraint, change: (terms: Terms) => Terms): ConstraintSystem {
  return withRows((rows) => {
    const row = rows[index];
    if (row !== undefined) rows[index] = { ...row, [side]: change(row[side]) };
  });
}

const scaled = (terms: Terms, factor: bigint): Terms =>
  terms.map(([wire, coefficient]) => [wire, (coefficient * factor) % FIELD_ORDER]);

const anyRow = fc.nat(system.constraints.length - 1);
const linearRows = system.constraints.flatMap((row, index) => (row.a.length === 0 && row.c.length > 3 ? [index] : []));

describe("comparing two systems", () => {
  it("finds nothing between a system and itself", () => {
    expect(differences(system)).to.deep.equal([]);
  });

  it("finds nothing when rows are reordered and scaled, A and B swapped and private wires renumbered", () => {
    const privates = same.slice(system.publicCount + 1);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(privates, { minLength: privates.length }),
        fc.bigInt({ min: 1n, max: FIELD_ORDER - 1n }),
        fc.bigInt({ min: 1n, max: FIELD_ORDER - 1n }),
        (shuffled, left, right) => {
          const wireMap = [...same.slice(0, system.publicCount + 1), ...shuffled];
          const move = (terms: Terms): Terms =>
            terms
              .map(([wire, coefficient]) => [wireMap[wire] ?? -1, coefficient] as const)
              .sort(([one], [other]) => one - other);
          const constraints = system.constraints
            .map(({ a, b, c }) => ({
              a: scaled(move(b), right),
              b: scaled(move(a), left),
              c: scaled(move(c), (left * right) % FIELD_ORDER),
            }))
            .reverse();
          expect(differences({ ...system, constraints }, wireMap)).to.deep.equal([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("finds any missing row and any row too many", () => {
    fc.assert(
      fc.property(anyRow, (index) => {
        expect(differences(withRows((rows) => rows.splice(index, 1)))).to.have.lengthOf(1);
        expect(differences(withRows((rows) => rows.push(...rows.slice(index, index + 1))))).to.have.lengthOf(1);
      }),
    );
    expect(differences(withRows((rows) => rows.splice(4, 1)))[0]).to.match(/^1 more here: /);
    expect(differences(withRows((rows) => rows.push({ a: [], b: [], c: [[1, 1n]] })))[0]).to.match(/^1 more there: /);
  });

  it("finds any changed coefficient, the constant among them", () => {
    fc.assert(
      fc.property(fc.constantFrom(...linearRows), fc.nat(), (index, at) => {
        const changed = changeTerms(index, "c", (terms) =>
          terms.map(([wire, coefficient], position) =>
            position === at % terms.length ? [wire, (coefficient * 2n) % FIELD_ORDER] : [wire, coefficient],
          ),
        );
        expect(differences(changed)).to.have.lengthOf(2);
      }),
    );
    const withConstant = linearRows.find((index) => system.constraints[index]?.c[0]?.[0] === 0) ?? -1;
    expect(withConstant).to.be.at.least(0);
    const other = changeTerms(withConstant, "c", ([, ...rest]) => [[0, 12345n], ...rest]);
    expect(differences(other)).to.have.lengthOf(2);
    expect(differences(changeTerms(withConstant, "c", ([, ...rest]) => rest))).to.have.lengthOf(2);
  });

  it("finds a factor or a result of a product that is scaled alone", () => {
    for (const side of ["a", "b", "c"] as const)
      expect(differences(changeTerms(5, side, (terms) => scaled(terms, 3n))), side).to.have.lengthOf(2);
  });

  it("finds a product that became linear", () => {
    expect(differences(changeTerms(5, "a", () => []))).to.have.lengthOf(2);
  });

  it("finds two wires that are swapped in the map", () => {
    const first = linearRows[0] ?? -1;
    const [one = 0, other = 0] = (system.constraints[first]?.c ?? []).slice(-2).map(([wire]) => wire);
    const swapped = same.map((wire) => (wire === one ? other : wire === other ? one : wire));
    expect(differences(system, swapped)).to.not.be.empty;
  });

  it("finds public signals in another order, wires without a counterpart and other counts", () => {
    const last = system.wireCount - 1;
    expect(
      differences(
        system,
        same.map((wire) => (wire === 1 ? last : wire === last ? 1 : wire)),
      )[0],
    ).to.match(/^public/);
    expect(
      differences(
        system,
        same.map((wire) => (wire === last ? 0 : wire)),
      )[0],
    ).to.match(/no counterpart/);
    expect(
      differences(
        system,
        same.map((wire) => (wire === last ? 3 : wire)),
      )[0],
    ).to.match(/no counterpart/);
    expect(differences({ ...system, wireCount: last + 2 })[0]).to.match(/wires here/);
    expect(differences({ ...system, publicCount: 1 })[0]).to.match(/public signals here/);
  });
});
