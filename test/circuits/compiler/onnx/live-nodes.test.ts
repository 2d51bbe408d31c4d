import { expect } from "chai";

import { compile, CompileError } from "../../../../circuits/compiler/index.ts";
import { liveNodes } from "../../../../circuits/compiler/onnx/live-nodes.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { buildOnnx } from "../build-onnx.ts";

/** A network with the remains of its training. */
function trained(outputs: readonly string[]): Uint8Array {
  return buildOnnx({
    inputs: [{ name: "x", shape: [1, 3] }],
    outputs,
    nodes: [
      { op: "Relu", name: "positive", inputs: ["x"], outputs: ["positive"] },
      { op: "RandomNormalLike", name: "noise", inputs: ["positive"], outputs: ["noise"] },
      { op: "Add", name: "noisy", inputs: ["positive", "noise"], outputs: ["noisy"] },
      { op: "Neg", name: "negated", inputs: ["positive"], outputs: ["y"] },
    ],
  });
}

describe("nodes that no output depends on", () => {
  it("are left out, and the others keep their order", () => {
    const { nodes, outputs } = readModel(trained(["y"]));
    expect(liveNodes(nodes, outputs).map(({ name }) => name)).to.deep.equal(["positive", "negated"]);
    expect(liveNodes(nodes, ["noisy"]).map(({ name }) => name)).to.deep.equal(["positive", "noise", "noisy"]);
  });

  it("may have operators without a circuit", () => {
    expect(compile(trained(["y"]), { name: "live" }).report.constraints).to.be.above(0);
    expect(() => compile(trained(["noisy"]), { name: "live" })).to.throw(CompileError, "RandomNormalLike");
  });
});
