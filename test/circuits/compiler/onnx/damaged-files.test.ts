import { expect } from "chai";
import fc from "fast-check";

import { CompileError } from "../../../../circuits/compiler/index.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { readFixtureModels } from "./fixture-models.ts";

const files = readFixtureModels().map(({ onnx }) => onnx);

/** One way in which a file can be damaged, as a function of its bytes. */
const damage = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(
    ([place, value]) =>
      (bytes: Uint8Array): Uint8Array =>
        bytes.with(place % bytes.length, value),
  ),
  fc.nat().map(
    (length) =>
      (bytes: Uint8Array): Uint8Array =>
        bytes.subarray(0, length % bytes.length),
  ),
  fc.tuple(fc.nat(), fc.nat(64)).map(
    ([place, length]) =>
      (bytes: Uint8Array): Uint8Array =>
        Uint8Array.from([
          ...bytes.subarray(0, place % bytes.length),
          ...bytes.subarray((place % bytes.length) + length),
        ]),
  ),
);

describe("a damaged model file", () => {
  it("is read or refused with a code, and never crashes the reader", () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), fc.array(damage, { minLength: 1, maxLength: 6 }), (index, damages) => {
        const whole = files[index % files.length] ?? new Uint8Array();
        const bytes = damages.reduce((before, change) => (before.length === 0 ? before : change(before)), whole);
        try {
          readModel(bytes);
        } catch (error) {
          if (!(error instanceof CompileError)) throw error;
          expect(error.diagnostics.length > 0).to.equal(true);
          refused++;
        }
      }),
      { numRuns: 1000, seed: 20 },
    );
    expect(refused > 300).to.equal(true);
  });
});
