import { seededWeights, type TestAttribute, type TestConstant, type TestModel, TYPES } from "../build-onnx.ts";
import { type Conformance, expectConforms } from "../conformance.ts";
import { expectTranslates } from "../translation.ts";

interface Recurrent {
  readonly steps?: number;
  readonly batch?: number;
  readonly directions?: 1 | 2;
  readonly attributes?: Readonly<Record<string, TestAttribute>>;
  readonly bias?: boolean;
  readonly lengths?: readonly number[];
  readonly states?: boolean;
  readonly peepholes?: boolean;
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

const GATES = { RNN: 1, GRU: 3, LSTM: 4 };
const [INPUTS, HIDDEN] = [2, 3];
/** From -3 to 3. */
const byte: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 1 }], most: 30, draws: 8 };

function weights(name: string, shape: readonly number[], seed: number, scale = 1): TestConstant {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, shape, values: seededWeights(count, seed, scale) };
}

/** What comes after the weights in order; undefined is left out. */
function optionalOperands(op: keyof typeof GATES, given: Recurrent, state: readonly number[]) {
  const { batch = 1, directions = 1 } = given;
  const all: readonly (TestConstant | undefined)[] = [
    given.bias === false ? undefined : weights("b", [directions, 2 * GATES[op] * HIDDEN], 7, 0.5),
    given.lengths && { name: "lengths", shape: [batch], values: given.lengths, type: "int32" },
    given.states === true ? weights("h0", state, 11) : undefined,
    given.states === true && op === "LSTM" ? weights("c0", state, 13) : undefined,
    given.peepholes === true ? weights("p", [directions, 3 * HIDDEN], 17) : undefined,
  ];
  return all.slice(0, all.findLastIndex((constant) => constant !== undefined) + 1);
}

function recurrent(op: keyof typeof GATES, given: Recurrent = {}): TestModel {
  const { steps = 3, batch = 1, directions = 1, attributes = {}, opset = 14, outputs = ["y", "h"] } = given;
  const rows = GATES[op] * HIDDEN;
  const batchFirst = attributes["layout"] === 1;
  const state = batchFirst ? [batch, directions, HIDDEN] : [directions, batch, HIDDEN];
  const optional = optionalOperands(op, given, state);
  return {
    opset,
    inputs: [{ name: "x", shape: batchFirst ? [batch, steps, INPUTS] : [steps, batch, INPUTS] }],
    outputs: outputs.filter((name) => name !== ""),
    constants: [
      weights("w", [directions, rows, INPUTS], 3),
      weights("r", [directions, rows, HIDDEN], 5),
      ...optional.filter((constant) => constant !== undefined),
    ],
    nodes: [
      {
        op,
        inputs: ["x", "w", "r", ...optional.map((constant) => constant?.name ?? "")],
        outputs,
        attributes: { hidden_size: HIDDEN, ...attributes },
      },
    ],
  };
}

const both = { direction: "bidirectional" };

const CASES: Readonly<Record<keyof typeof GATES, readonly (readonly [string, Recurrent])[]>> = {
  RNN: [
    ["forwards", { opset: 7 }],
    ["without a bias, in reverse", { bias: false, attributes: { direction: "reverse" } }],
    [
      "both ways with Relu and a bounded Tanh",
      { directions: 2, attributes: { ...both, activations: ["Relu", "Tanh"], clip: { float: 0.5 } } },
    ],
    ["with LeakyRelu", { attributes: { activations: ["LeakyRelu"], activation_alpha: { floats: [0.25] } } }],
    ["with HardSigmoid", { attributes: { activations: ["HardSigmoid"] } }],
    ["with Softsign", { attributes: { activations: ["Softsign"] } }],
    ["with Softplus", { attributes: { activations: ["Softplus"] } }],
    ["with Elu", { attributes: { activations: ["Elu"], activation_alpha: { floats: [0.5] } } }],
    [
      "with Affine",
      {
        attributes: {
          activations: ["Affine"],
          activation_alpha: { floats: [0.5] },
          activation_beta: { floats: [0.25] },
        },
      },
    ],
    [
      "with ScaledTanh",
      {
        attributes: {
          activations: ["ScaledTanh"],
          activation_alpha: { floats: [1.5] },
          activation_beta: { floats: [0.75] },
        },
      },
    ],
  ],
  GRU: [
    ["forwards", { opset: 7 }],
    ["with the reset gate after the product", { attributes: { linear_before_reset: 1 } }],
    ["both ways with states", { directions: 2, states: true, attributes: { ...both, linear_before_reset: 1 } }],
    [
      "in reverse with lengths",
      { batch: 2, steps: 4, lengths: [4, 2], states: true, attributes: { direction: "reverse" } },
    ],
    ["with its last state alone", { outputs: ["", "h"] }],
  ],
  LSTM: [
    ["forwards", { opset: 7, outputs: ["y", "h", "c"] }],
    ["in reverse without a bias", { bias: false, attributes: { direction: "reverse" }, outputs: ["y", "", "c"] }],
    [
      "both ways with states and lengths",
      { directions: 2, batch: 2, lengths: [1, 3], states: true, attributes: both, outputs: ["y", "h", "c"] },
    ],
    ["with peepholes", { peepholes: true }],
    ["with coupled gates", { attributes: { input_forget: 1 } }],
    ["with clipped sums", { attributes: { clip: { float: 0.75 } } }],
    ["with other activations", { attributes: { activations: ["HardSigmoid", "Softsign", "Relu"] } }],
    ["with its last states alone", { outputs: ["", "h", "c"] }],
  ],
};

for (const op of ["RNN", "GRU", "LSTM"] as const)
  describe(`${op}, unrolled,`, function () {
    this.timeout(60_000);
    for (const [name, given] of CASES[op]) it(`runs ${name}`, () => expectTranslates(recurrent(op, given)));

    for (const direction of ["reverse", "bidirectional"])
      it(`ends where a computed length says, ${direction}`, async () => {
        const directions = direction === "reverse" ? 1 : 2;
        const lengths = { name: "lengths", shape: [2], type: TYPES.int32 };
        const {
          inputs,
          constants = [],
          ...model
        } = recurrent(op, {
          batch: 2,
          directions,
          lengths: [1, 1],
          attributes: { direction },
        });
        const known = constants.filter(({ name }) => name !== "lengths");
        const count = { kind: "uint", bits: 2, decimals: 0 } as const;
        await expectConforms(
          { ...model, inputs: [...inputs, lengths], constants: known },
          { inputs: [{ kind: "int", bits: 8, decimals: 1 }, count], most: 30, draws: 6, unique: false },
        );
      });

    it("stays close in integers", () => expectConforms(recurrent(op, { steps: 4 }), byte));
  });
