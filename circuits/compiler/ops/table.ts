import { hardmax, hardSigmoid } from "./activations/hard.ts";
import { leakyRelu, pRelu, shrink, thresholdedRelu } from "./activations/leaky.ts";
import { attention } from "./composite/attention.ts";
import { groupNormalization, instanceNormalization } from "./composite/group-normalization.ts";
import { gru } from "./composite/gru.ts";
import { layerNormalization, rmsNormalization } from "./composite/layer-normalization.ts";
import { lrn } from "./composite/lrn.ts";
import { lstm } from "./composite/lstm.ts";
import { rnn } from "./composite/rnn.ts";
import { rotaryEmbedding } from "./composite/rotary-embedding.ts";
import { lpNormalization, meanVarianceNormalization } from "./composite/vector-normalization.ts";
import {
  celu,
  elu,
  gelu,
  hardSwish,
  mish,
  selu,
  sigmoid,
  softplus,
  softsign,
  swish,
  tanh,
} from "./activations/smooth.ts";
import { conditional } from "./control/if.ts";
import { loop } from "./control/loop.ts";
import { scan } from "./control/scan.ts";
import { add, mul, neg, sub } from "./elementwise/arithmetic.ts";
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from "./elementwise/bits.ts";
import { cast, castLike } from "./elementwise/cast.ts";
import { isInf, isNan } from "./elementwise/classify.ts";
import { clip } from "./elementwise/clip.ts";
import { and, equal, greater, greaterOrEqual, less, lessOrEqual, negation, or, xor } from "./elementwise/compare.ts";
import { div } from "./elementwise/div.ts";
import { abs, max, min } from "./elementwise/extremes.ts";
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cos,
  cosh,
  erf,
  exp,
  log,
  reciprocal,
  sin,
  sinh,
  sqrt,
  tan,
} from "./elementwise/functions.ts";
import { mod } from "./elementwise/mod.ts";
import { pow } from "./elementwise/pow.ts";
import { relu } from "./elementwise/relu.ts";
import { ceil, floor, round } from "./elementwise/rounding.ts";
import { sign } from "./elementwise/sign.ts";
import { where } from "./elementwise/where.ts";
import { averagePool, globalAveragePool } from "./linear/average-pool.ts";
import { batchNormalization } from "./linear/batch-normalization.ts";
import { col2Im } from "./linear/col2im.ts";
import { conv } from "./linear/conv.ts";
import { convTranspose } from "./linear/conv-transpose.ts";
import { cumSum } from "./linear/cumsum.ts";
import { einsum } from "./linear/einsum.ts";
import { globalLpPool, lpPool } from "./linear/lp-pool.ts";
import { reduceMean, reduceSum } from "./linear/reduce-sum.ts";
import { mean, sum } from "./linear/variadic.ts";
import { gemm } from "./linear/gemm.ts";
import { matmul } from "./linear/matmul.ts";
import { categoryMapper, labelEncoder, zipMap } from "./ml/encode-labels.ts";
import { arrayFeatureExtractor, featureVectorizer, oneHotEncoder } from "./ml/features.ts";
import { linearClassifier, linearRegressor } from "./ml/linear-model.ts";
import { binarizer, imputer, normalizer, scaler } from "./ml/scale.ts";
import { svmClassifier, svmRegressor } from "./ml/svm.ts";
import { treeEnsembleClassifier } from "./ml/tree-classifier.ts";
import { treeEnsemble, treeEnsembleRegressor } from "./ml/tree-regressor.ts";
import type { Op } from "./op.ts";
import { argmax, argmin } from "./order/argmax.ts";
import { globalMaxPool, maxPool } from "./order/max-pool.ts";
import {
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMin,
  reduceProd,
  reduceSumSquare,
} from "./order/reduce.ts";
import { logSoftmax, softmax } from "./order/softmax.ts";
import { topK } from "./order/top-k.ts";
import { dynamicQuantizeLinear } from "./quantized/dynamic-quantize-linear.ts";
import { convInteger, matMulInteger, qLinearConv, qLinearMatMul } from "./quantized/integer-products.ts";
import {
  qGemm,
  qLinearAdd,
  qLinearAveragePool,
  qLinearConcat,
  qLinearGlobalAveragePool,
  qLinearLeakyRelu,
  qLinearMul,
  qLinearSigmoid,
  qLinearSoftmax,
} from "./quantized/microsoft.ts";
import { dequantizeLinear, quantizeLinear } from "./quantized/quantize-linear.ts";
import { concat } from "./shape/concat.ts";
import { depthToSpace, spaceToDepth } from "./shape/depth-to-space.ts";
import { dropout } from "./shape/dropout.ts";
import { constantOfShape, eyeLike, range } from "./shape/fill.ts";
import { gather, gatherElements } from "./shape/gather.ts";
import { gatherNd } from "./shape/gather-nd.ts";
import { compress, nonZero } from "./shape/non-zero.ts";
import { oneHot } from "./shape/one-hot.ts";
import { pad } from "./shape/pad.ts";
import { resize, upsample } from "./shape/resize.ts";
import { reverseSequence } from "./shape/reverse-sequence.ts";
import { scatterElements, scatterNd } from "./shape/scatter.ts";
import {
  concatFromSequence,
  sequenceAt,
  sequenceConstruct,
  sequenceEmpty,
  sequenceErase,
  sequenceInsert,
  sequenceLength,
  splitToSequence,
} from "./shape/sequence.ts";
import { shape, size } from "./shape/shape.ts";
import { slice } from "./shape/slice.ts";
import { split } from "./shape/split.ts";
import { expand, tile } from "./shape/tile.ts";
import { transpose } from "./shape/transpose.ts";
import { trilu } from "./shape/trilu.ts";
import { unique } from "./shape/unique.ts";
import { constant } from "./shape/constant.ts";
import { flatten, identity, reshape, squeeze, unsqueeze } from "./shape/reshape.ts";

/**
 * Every ONNX operator that compiles, by domain. A new one is a file in the room of its family and a line here.
 */
export const OPS: Readonly<Record<string, Readonly<Record<string, Op>>>> = {
  "": {
    Abs: abs,
    Acos: acos,
    Acosh: acosh,
    Add: add,
    And: and,
    ArgMax: argmax,
    ArgMin: argmin,
    Asin: asin,
    Asinh: asinh,
    Atan: atan,
    Atanh: atanh,
    Attention: attention,
    AveragePool: averagePool,
    BatchNormalization: batchNormalization,
    BitShift: bitShift,
    BitwiseAnd: bitwiseAnd,
    BitwiseNot: bitwiseNot,
    BitwiseOr: bitwiseOr,
    BitwiseXor: bitwiseXor,
    Cast: cast,
    CastLike: castLike,
    Ceil: ceil,
    Celu: celu,
    Clip: clip,
    Col2Im: col2Im,
    Compress: compress,
    Concat: concat,
    ConcatFromSequence: concatFromSequence,
    Constant: constant,
    ConstantOfShape: constantOfShape,
    Conv: conv,
    ConvInteger: convInteger,
    ConvTranspose: convTranspose,
    Cos: cos,
    Cosh: cosh,
    CumSum: cumSum,
    DepthToSpace: depthToSpace,
    DequantizeLinear: dequantizeLinear,
    Div: div,
    Dropout: dropout,
    DynamicQuantizeLinear: dynamicQuantizeLinear,
    Einsum: einsum,
    Elu: elu,
    Equal: equal,
    Erf: erf,
    Exp: exp,
    Expand: expand,
    EyeLike: eyeLike,
    Flatten: flatten,
    Floor: floor,
    Gather: gather,
    GatherElements: gatherElements,
    GatherND: gatherNd,
    Gelu: gelu,
    Gemm: gemm,
    GlobalAveragePool: globalAveragePool,
    GlobalLpPool: globalLpPool,
    GlobalMaxPool: globalMaxPool,
    Greater: greater,
    GreaterOrEqual: greaterOrEqual,
    GroupNormalization: groupNormalization,
    GRU: gru,
    Hardmax: hardmax,
    HardSigmoid: hardSigmoid,
    HardSwish: hardSwish,
    Identity: identity,
    If: conditional,
    InstanceNormalization: instanceNormalization,
    IsInf: isInf,
    IsNaN: isNan,
    LayerNormalization: layerNormalization,
    LeakyRelu: leakyRelu,
    Less: less,
    LessOrEqual: lessOrEqual,
    Log: log,
    LogSoftmax: logSoftmax,
    LpNormalization: lpNormalization,
    LpPool: lpPool,
    LRN: lrn,
    LSTM: lstm,
    Loop: loop,
    MatMul: matmul,
    MatMulInteger: matMulInteger,
    Max: max,
    MaxPool: maxPool,
    Mean: mean,
    MeanVarianceNormalization: meanVarianceNormalization,
    Min: min,
    Mish: mish,
    Mod: mod,
    Mul: mul,
    Neg: neg,
    NonZero: nonZero,
    Not: negation,
    OneHot: oneHot,
    Or: or,
    Pad: pad,
    Pow: pow,
    PRelu: pRelu,
    QLinearConv: qLinearConv,
    QLinearMatMul: qLinearMatMul,
    QuantizeLinear: quantizeLinear,
    Range: range,
    Reciprocal: reciprocal,
    ReduceL1: reduceL1,
    ReduceL2: reduceL2,
    ReduceLogSum: reduceLogSum,
    ReduceLogSumExp: reduceLogSumExp,
    ReduceMax: reduceMax,
    ReduceMean: reduceMean,
    ReduceMin: reduceMin,
    ReduceProd: reduceProd,
    ReduceSum: reduceSum,
    ReduceSumSquare: reduceSumSquare,
    Relu: relu,
    Reshape: reshape,
    Resize: resize,
    ReverseSequence: reverseSequence,
    RMSNormalization: rmsNormalization,
    RNN: rnn,
    RotaryEmbedding: rotaryEmbedding,
    Round: round,
    Scatter: scatterElements,
    Scan: scan,
    ScatterElements: scatterElements,
    ScatterND: scatterNd,
    Selu: selu,
    SequenceAt: sequenceAt,
    SequenceConstruct: sequenceConstruct,
    SequenceEmpty: sequenceEmpty,
    SequenceErase: sequenceErase,
    SequenceInsert: sequenceInsert,
    SequenceLength: sequenceLength,
    Shape: shape,
    Shrink: shrink,
    Sigmoid: sigmoid,
    Sign: sign,
    Sin: sin,
    Sinh: sinh,
    Size: size,
    Slice: slice,
    Softmax: softmax,
    Softplus: softplus,
    Softsign: softsign,
    SpaceToDepth: spaceToDepth,
    Split: split,
    SplitToSequence: splitToSequence,
    Sqrt: sqrt,
    Squeeze: squeeze,
    Sub: sub,
    Sum: sum,
    Swish: swish,
    Tan: tan,
    Tanh: tanh,
    ThresholdedRelu: thresholdedRelu,
    Tile: tile,
    TopK: topK,
    Transpose: transpose,
    Trilu: trilu,
    Unique: unique,
    Unsqueeze: unsqueeze,
    Upsample: upsample,
    Where: where,
    Xor: xor,
  },
  "ai.onnx.ml": {
    ArrayFeatureExtractor: arrayFeatureExtractor,
    Binarizer: binarizer,
    CategoryMapper: categoryMapper,
    FeatureVectorizer: featureVectorizer,
    Imputer: imputer,
    LabelEncoder: labelEncoder,
    LinearClassifier: linearClassifier,
    LinearRegressor: linearRegressor,
    Normalizer: normalizer,
    OneHotEncoder: oneHotEncoder,
    Scaler: scaler,
    SVMClassifier: svmClassifier,
    SVMRegressor: svmRegressor,
    TreeEnsemble: treeEnsemble,
    TreeEnsembleClassifier: treeEnsembleClassifier,
    TreeEnsembleRegressor: treeEnsembleRegressor,
    ZipMap: zipMap,
  },
  "com.microsoft": {
    QGemm: qGemm,
    QLinearAdd: qLinearAdd,
    QLinearAveragePool: qLinearAveragePool,
    QLinearConcat: qLinearConcat,
    QLinearGlobalAveragePool: qLinearGlobalAveragePool,
    QLinearLeakyRelu: qLinearLeakyRelu,
    QLinearMul: qLinearMul,
    QLinearSigmoid: qLinearSigmoid,
    QLinearSoftmax: qLinearSoftmax,
  },
};

export function opNamed(domain: string, name: string): Op | undefined {
  const ops = OPS[domain];
  return ops !== undefined && Object.hasOwn(ops, name) ? ops[name] : undefined;
}
