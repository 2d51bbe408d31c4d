import type { NodeView } from "../../build/node-view.ts";
import { reshaped, type Tensor } from "../../build/tensor.ts";
import { NodeProblem } from "../../compile-error.ts";
import { EXACT, FREE, type Op } from "../op.ts";
import { permute } from "./transpose.ts";

export const depthToSpace: Op = {
  doc: { takes: "modes DCR and CRD", cost: FREE, error: EXACT },
  build(view, graph) {
    const { given, block, channels, height, width, batch } = image(view);
    const depth = channels / block ** 2;
    assertDivides(depth, `${channels} channels`, block);
    const [split, order] =
      view.text("mode", "DCR") === "CRD"
        ? [
            [batch, depth, block, block, height, width],
            [0, 1, 4, 2, 5, 3],
          ]
        : [
            [batch, block, block, depth, height, width],
            [0, 3, 4, 1, 5, 2],
          ];
    return reshaped(permute(graph, reshaped(given, split), order), [batch, depth, height * block, width * block]);
  },
};

export const spaceToDepth: Op = {
  doc: { takes: "any block size", cost: FREE, error: EXACT },
  build(view, graph) {
    const { given, block, channels, height, width, batch } = image(view);
    const [rows, columns] = [height / block, width / block];
    assertDivides(rows, `a height of ${height}`, block);
    assertDivides(columns, `a width of ${width}`, block);
    const split = reshaped(given, [batch, channels, rows, block, columns, block]);
    return reshaped(permute(graph, split, [0, 3, 5, 1, 2, 4]), [batch, channels * block ** 2, rows, columns]);
  },
};

interface Image {
  readonly given: Tensor;
  readonly block: number;
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

function image(view: NodeView): Image {
  const given = view.operand(0);
  const [batch = 1, channels = 1, height = 1, width = 1] = given.shape;
  if (given.shape.length !== 4)
    throw new NodeProblem("SHAPE_MISMATCH", `an image has 4 axes, not ${given.shape.length}`);
  const block = view.number("blocksize", 0);
  if (block < 1) throw new NodeProblem("ATTRIBUTE_UNSUPPORTED", "blocksize must be 1 or more");
  return { given, block, batch, channels, height, width };
}

function assertDivides(quotient: number, what: string, block: number): void {
  if (!Number.isInteger(quotient))
    throw new NodeProblem("SHAPE_MISMATCH", `blocks of ${block} by ${block} do not divide ${what}`);
}
