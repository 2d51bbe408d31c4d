import { expect } from "chai";
import * as ort from "onnxruntime-node";

import type { ElementOptions } from "../../../../circuits/compiler/index.ts";
import type { Attribute, OnnxGraph, OnnxNode } from "../../../../circuits/compiler/onnx/model.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import { readFixtureModels } from "./fixture-models.ts";

const LARGEST_FILE = 40_000;
/** Sessions run once: what they would gain from threads and optimizing costs more than the run. */
const SESSION = {
  logSeverityLevel: 4,
  graphOptimizationLevel: "disabled",
  intraOpNumThreads: 1,
} as const satisfies ort.InferenceSession.SessionOptions;
const models = readFixtureModels();

describe("exported models", () => {
  for (const family of new Set(models.map((model) => model.family))) {
    const own = models.filter((model) => model.family === family);

    it(`of ${family} are read, with every input and output, and answer (${String(own.length)} models)`, async () => {
      for (const model of own) {
        const { inputs, outputs, nodes } = readModel(model.onnx);
        const session = await ort.InferenceSession.create(model.onnx, SESSION);
        const names = inputs.map(({ name }) => name);
        expect(names, model.file).to.deep.equal(session.inputNames);
        expect(outputs, model.file).to.deep.equal(session.outputNames);
        expect(model.inputs.length, model.file).to.equal(inputs.length);
        expect(nodes.length > 0 && model.onnx.length < LARGEST_FILE, model.file).to.equal(true);
        const answer = await answerOf(session, model.inputs);
        expect(answer.every(Number.isFinite), model.file).to.equal(true);
      }
    });
  }

  it("use every operator that their exporters are known to write", () => {
    const found = new Set(models.flatMap(({ onnx }) => readModel(onnx).nodes.flatMap(operatorsOf)));
    expect([...found].sort()).to.deep.equal(OPERATORS);
  });
});

/** Names of a node's operator and of those in the graphs inside it. */
function operatorsOf(node: OnnxNode): readonly string[] {
  const name = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
  return [name, ...[...node.attributes.values()].filter(isGraph).flatMap(({ nodes }) => nodes.flatMap(operatorsOf))];
}

function isGraph(attribute: Attribute): attribute is OnnxGraph {
  return typeof attribute === "object" && "captures" in attribute;
}

/** ONNX Runtime's numbers for one drawn input; maps and strings are left out. */
async function answerOf(session: ort.InferenceSession, inputs: readonly ElementOptions[]): Promise<readonly number[]> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const [index, metadata] of session.inputMetadata.entries()) {
    if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor`);
    const shape = metadata.shape.map((size) => (typeof size === "number" && size > 0 ? size : 1));
    const element = inputs[index] ?? { kind: "int", bits: 16, decimals: 4 };
    feeds[metadata.name] = makeTensor(metadata.type, drawValues(shape, element), shape);
  }
  const wanted = session.outputMetadata.filter((output) => output.isTensor && output.type !== "string");
  if (wanted.length === 0) return [];
  const results = await session.run(
    feeds,
    wanted.map(({ name }) => name),
  );
  return Object.values(results).flatMap(({ data }) => [...data].map(Number));
}

/** Spread over the element type, or around zero for real numbers. */
function drawValues(shape: readonly number[], { kind, bits, decimals }: ElementOptions): number[] {
  const count = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: count }, (_, index) => {
    const share = ((index + 1) * 0.618) % 1;
    return decimals > 0 || kind !== "uint" ? 2 * share - 1 : Math.floor(share * 2 ** bits);
  });
}

function makeTensor(type: ort.Tensor.Type, values: readonly number[], shape: readonly number[]): ort.Tensor {
  switch (type) {
    case "int64":
      return new ort.Tensor(
        type,
        BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))),
        shape,
      );
    case "float64":
      return new ort.Tensor(type, Float64Array.from(values), shape);
    case "uint8":
      return new ort.Tensor(type, Uint8Array.from(values), shape);
    case "int8":
      return new ort.Tensor(type, Int8Array.from(values), shape);
    case "float32":
      return new ort.Tensor(type, Float32Array.from(values), shape);
    default:
      throw new Error(`no fixture takes ${type}`);
  }
}

/** When a model is added that brings another operator, it belongs in this list. */
const OPERATORS: readonly string[] = [
  ..."Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization BitShift".split(
    " ",
  ),
  ..."BitwiseAnd BitwiseNot BitwiseXor Cast CastLike Ceil Celu Clip Concat Constant ConstantOfShape Conv".split(" "),
  ..."ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear".split(
    " ",
  ),
  ..."Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm".split(" "),
  ..."GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish".split(
    " ",
  ),
  ..."Hardmax Identity If InstanceNormalization LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax".split(
    " ",
  ),
  ..."Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool Mean MeanVarianceNormalization Min Mish Mod Mul".split(
    " ",
  ),
  ..."Neg NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RNN Range".split(
    " ",
  ),
  ..."Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd".split(" "),
  ..."ReduceSum ReduceSumSquare Relu Reshape Resize ReverseSequence Round Scan ScatterElements ScatterND Selu".split(
    " ",
  ),
  ..."Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Swish".split(
    " ",
  ),
  ..."Tan Tanh ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze Upsample Where Xor".split(" "),
  ..."ai.onnx.ml.ArrayFeatureExtractor ai.onnx.ml.Binarizer ai.onnx.ml.FeatureVectorizer ai.onnx.ml.Imputer".split(" "),
  ..."ai.onnx.ml.LabelEncoder ai.onnx.ml.LinearClassifier ai.onnx.ml.LinearRegressor ai.onnx.ml.Normalizer".split(" "),
  ..."ai.onnx.ml.OneHotEncoder ai.onnx.ml.SVMClassifier ai.onnx.ml.SVMRegressor ai.onnx.ml.Scaler".split(" "),
  ..."ai.onnx.ml.TreeEnsemble ai.onnx.ml.TreeEnsembleClassifier ai.onnx.ml.TreeEnsembleRegressor ai.onnx.ml.ZipMap".split(
    " ",
  ),
  ..."com.microsoft.QGemm com.microsoft.QLinearAdd com.microsoft.QLinearConcat".split(" "),
  ..."com.microsoft.QLinearGlobalAveragePool com.microsoft.QLinearLeakyRelu com.microsoft.QLinearMul".split(" "),
  ..."com.microsoft.QLinearSigmoid".split(" "),
];
