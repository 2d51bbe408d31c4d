import { expect } from "chai";
import fc from "fast-check";

import { parseModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { checkSupported } from "../../../../circuits/compiler/passes/check-supported.ts";
import { dropSoftmax } from "../../../../circuits/compiler/passes/drop-softmax.ts";
import { expandSoftmax } from "../../../../circuits/compiler/passes/expand-softmax.ts";
import { fuse } from "../../../../circuits/compiler/passes/fuse.ts";
import { integerize, type Integerization } from "../../../../circuits/compiler/passes/integerize.ts";
import { placeRounding } from "../../../../circuits/compiler/passes/place-rounding.ts";
import { type Widths, widthRole } from "../../../../circuits/compiler/passes/scales.ts";
import { translate } from "../../../../circuits/compiler/passes/translate.ts";
import type { NamedTensorSpec } from "../../../../circuits/format/manifest.ts";
import { buildOnnx } from "../build-onnx.ts";

const weights = (rows: number, columns: number): number[] =>
  Array.from({ length: rows * columns }, (_, at) => Math.sin(3 * at + rows));

/** Two branches of a dense layer, one a table and one not, multiplied, and a dense layer on that. */
const GRAPH = placeRounding(
  fuse(
    expandSoftmax(
      dropSoftmax(
        translate(
          checkSupported(
            parseModel(
              buildOnnx({
                inputs: [{ name: "x", shape: [1, 4] }],
                outputs: ["y"],
                constants: [
                  { name: "w", shape: [4, 5], values: weights(4, 5) },
                  { name: "v", shape: [5, 3], values: weights(5, 3) },
                ],
                nodes: [
                  { op: "MatMul", inputs: ["x", "w"], outputs: ["a"] },
                  { op: "Relu", inputs: ["a"], outputs: ["b"] },
                  { op: "Sigmoid", inputs: ["a"], outputs: ["c"] },
                  { op: "Mul", inputs: ["b", "c"], outputs: ["d"] },
                  { op: "MatMul", inputs: ["d", "v"], outputs: ["y"] },
                ],
              }),
            ),
          ),
        ),
      ),
    ),
  ),
);
const SPECS: NamedTensorSpec[] = [{ name: "x", kind: "int", bits: 8, decimals: 0, shape: [1, 4] }];
const PEAKS = new Array<number>(1 + GRAPH.layers.length).fill(300);

const width = fc.integer({ min: 6, max: 14 });
const widths = fc.tuple(
  fc.constant(null),
  ...GRAPH.layers.map((layer) => (widthRole(layer) === null ? fc.constant(null) : width)),
);

const at = (chosen: Widths, earlier?: Integerization): Integerization =>
  integerize(GRAPH, SPECS, chosen, PEAKS, earlier);

describe("making integers of a real graph", () => {
  it("gives the same whatever it was done for before", () => {
    fc.assert(
      fc.property(fc.array(widths, { minLength: 2, maxLength: 5 }), (sequence) => {
        let earlier: Integerization | undefined;
        for (const chosen of sequence) {
          earlier = at(chosen, earlier);
          expect(earlier.integers).to.deep.equal(at(chosen).integers);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes over every layer that a changed width does not reach", () => {
    const chosen = [null, ...GRAPH.layers.map((layer) => (widthRole(layer) === null ? null : 12))];
    const first = at(chosen);
    at(chosen, first).steps.forEach((step, index) => expect(step).to.equal(first.steps[index]));
    // Nothing takes what the last layer gives: only its own weights change.
    const changed = at([...chosen.slice(0, -1), 9], first);
    expect(changed.steps.map((step, index) => step === first.steps[index])).to.deep.equal(
      GRAPH.layers.map((_, index) => index < GRAPH.layers.length - 1),
    );
    expect(changed.integers).to.not.deep.equal(first.integers);
  });
});
