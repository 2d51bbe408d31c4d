import { expect } from "chai";

import { compile } from "../../../../circuits/compiler/index.ts";
import { buildOnnx, type TestConstant } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { type Attributes, type NodeCase, nodeModel, vector, WHOLE } from "./node-case.ts";

const floats = (name: string, values: readonly number[]): TestConstant => ({ name, shape: [values.length], values });
const small: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], draws: 4 };
const quick: Conformance = { ...WHOLE, draws: 4 };

const SHAPE = [1, 1, 4, 5];

const byScales = (attributes: Attributes, scales: readonly number[], opset = 13, roi: number[] = []): NodeCase => ({
  op: "Resize",
  shape: SHAPE,
  attributes,
  constants: [floats("roi", roi), floats("scales", scales)],
  opset,
});

const bySizes = (attributes: Attributes, sizes: readonly number[], opset = 13, roi: number[] = []): NodeCase => ({
  op: "Resize",
  shape: SHAPE,
  attributes,
  constants: [floats("roi", roi), floats("scales", []), vector("sizes", sizes)],
  order: ["x", roi.length === 0 ? "" : "roi", opset < 13 ? "scales" : "", "sizes"],
  opset,
});

const COORDINATES = ["half_pixel", "asymmetric", "pytorch_half_pixel", "align_corners"];

describe("Resize and Upsample", function () {
  this.timeout(60_000);

  for (const coordinate_transformation_mode of COORDINATES) {
    it(`nearest takes ${coordinate_transformation_mode} with every way to round`, async () => {
      for (const nearest_mode of ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]) {
        const attributes = { mode: "nearest", coordinate_transformation_mode, nearest_mode };
        await expectConforms(nodeModel(byScales(attributes, [1, 1, 2, 2])), quick);
        await expectConforms(nodeModel(byScales(attributes, [1, 1, 0.6, 1.7])), quick);
        await expectConforms(nodeModel(bySizes(attributes, [1, 1, 7, 3])), quick);
      }
    });

    for (const mode of ["linear", "cubic"])
      it(`${mode} takes ${coordinate_transformation_mode}`, async () => {
        const attributes = { mode, coordinate_transformation_mode };
        await expectConforms(nodeModel(byScales(attributes, [1, 1, 2, 2])), small);
        await expectConforms(nodeModel(byScales(attributes, [1, 1, 0.6, 1.7], 11)), small);
        await expectConforms(nodeModel(bySizes(attributes, [1, 1, 7, 3])), small);
      });
  }

  it("take an axis that becomes one element", async () => {
    for (const coordinate_transformation_mode of COORDINATES)
      for (const mode of ["nearest", "linear"])
        await expectConforms(nodeModel(bySizes({ mode, coordinate_transformation_mode }, [1, 1, 1, 2])), small);
  });

  it("take half_pixel_symmetric", () =>
    expectConforms(
      nodeModel(
        byScales({ mode: "linear", coordinate_transformation_mode: "half_pixel_symmetric" }, [1, 1, 1.3, 2.1], 19),
      ),
      small,
    ));

  it("take tf_half_pixel_for_nn", () =>
    expectConforms(
      nodeModel(
        byScales({ mode: "nearest", coordinate_transformation_mode: "tf_half_pixel_for_nn" }, [1, 1, 1.5, 0.5], 11),
      ),
      quick,
    ));

  it("take tf_crop_and_resize with a value outside", async () => {
    const attributes = {
      coordinate_transformation_mode: "tf_crop_and_resize",
      extrapolation_value: { float: 10 },
    };
    const roi = [0, 0, 0.2, 0.4, 1, 1, 0.7, 1.2];
    for (const mode of ["linear", "nearest"])
      await expectConforms(nodeModel(bySizes({ ...attributes, mode }, [1, 1, 3, 4], 13, roi)), small);
  });

  it("take the parameters of cubic", async () => {
    for (const attributes of [{ cubic_coeff_a: -0.5 }, { exclude_outside: 1 }])
      await expectConforms(nodeModel(byScales({ mode: "cubic", ...attributes }, [1, 1, 1.5, 2])), small);
  });

  it("take axes, and keep the aspect ratio", async () => {
    const resize = (attributes: Attributes): NodeCase => ({
      op: "Resize",
      shape: SHAPE,
      attributes: { axes: [2, 3], ...attributes },
      constants: [vector("sizes", [7, 8])],
      order: ["x", "", "", "sizes"],
      opset: 18,
    });
    for (const keep_aspect_ratio_policy of ["stretch", "not_larger", "not_smaller"])
      await expectConforms(nodeModel(resize({ mode: "linear", keep_aspect_ratio_policy })), small);
  });

  it("take the form of opset 10", async () => {
    for (const mode of ["nearest", "linear"])
      for (const scales of [
        [1, 1, 2, 2],
        [1, 1, 0.5, 1.6],
      ])
        await expectConforms(
          nodeModel({
            op: "Resize",
            shape: SHAPE,
            attributes: { mode },
            constants: [floats("scales", scales)],
            opset: 10,
          }),
          small,
        );
  });

  it("take Upsample of opsets 7 and 9", async () => {
    for (const mode of ["nearest", "linear"]) {
      const scales = [1, 1, 2, 3];
      await expectConforms(
        nodeModel({ op: "Upsample", shape: SHAPE, attributes: { mode, scales: { floats: scales } }, opset: 7 }),
        small,
      );
      await expectConforms(
        nodeModel({
          op: "Upsample",
          shape: SHAPE,
          attributes: { mode },
          constants: [floats("scales", scales)],
          opset: 9,
        }),
        small,
      );
    }
  });

  it("refuse what has no circuit", () => {
    const refuse = (given: NodeCase, message: RegExp): void => {
      expect(() => compile(buildOnnx(nodeModel(given)), { name: "bad" })).to.throw(message);
    };
    refuse(byScales({ mode: "linear", antialias: 1 }, [1, 1, 0.5, 0.5], 18), /antialias = 1/);
    refuse(byScales({ mode: "area" }, [1, 1, 2, 2]), /mode "area"/);
    refuse(byScales({ nearest_mode: "up" }, [1, 1, 2, 2]), /nearest_mode "up"/);
    refuse(byScales({ coordinate_transformation_mode: "corner" }, [1, 1, 2, 2]), /"corner"/);
    refuse(byScales({}, [1, 2]), /4 axes need as many/);
    refuse(byScales({}, [1, 1, 0.1, 1]), /leaves no elements/);
  });
});
