import type { NamedTensorSpec } from "../../format/manifest.ts";
import { assertTensorSpec, ELEMENT_BITS, type ElementKind, TensorError } from "../../format/tensor.ts";
import { Diagnostics } from "../compile-error.ts";
import type { FloatGraph } from "../graph/graph.ts";
import { type ElementType, isWholeType } from "../onnx/data-type.ts";
import type { OnnxModel } from "../onnx/model.ts";
import type { CompileOptions, ElementOptions } from "../options.ts";
import { indexInputs } from "./index-inputs.ts";

/** An output's type; null bits are chosen once its interval is known. */
export interface OutputType {
  readonly name: string;
  readonly kind: ElementKind;
  readonly bits: number | null;
  readonly decimals: number;
  readonly shape: readonly number[];
}

export interface EdgeTypes {
  readonly inputs: readonly NamedTensorSpec[];
  readonly outputs: readonly OutputType[];
  readonly warnings: readonly string[];
}

const DEFAULT_DECIMALS = 3;

/**
 * Integers are narrower than ONNX's widest types: exporters write int64 for any count, code or mask, and whatever is
 * computed from numbers of 64 bits is exact or accurate for none.
 */
const DEFAULT_INPUTS: Readonly<Record<ElementType, Omit<ElementOptions, "name">>> = {
  float: { kind: "int", bits: 16, decimals: DEFAULT_DECIMALS },
  double: { kind: "int", bits: 16, decimals: DEFAULT_DECIMALS },
  float16: { kind: "int", bits: 16, decimals: DEFAULT_DECIMALS },
  uint8: { kind: "uint", bits: 8, decimals: 0 },
  int8: { kind: "int", bits: 8, decimals: 0 },
  uint16: { kind: "uint", bits: 16, decimals: 0 },
  int16: { kind: "int", bits: 16, decimals: 0 },
  uint32: { kind: "uint", bits: 16, decimals: 0 },
  int32: { kind: "int", bits: 16, decimals: 0 },
  uint64: { kind: "uint", bits: 16, decimals: 0 },
  int64: { kind: "int", bits: 16, decimals: 0 },
  bool: { kind: "uint", bits: 1, decimals: 0 },
};

/** Types that the default narrows. */
const WIDE: ReadonlySet<ElementType> = new Set(["uint32", "int32", "uint64", "int64"]);

/** Element types of the edges: what the options say, else the documented defaults. Throws `OPTION_INVALID`. */
export function chooseTypes(model: OnnxModel, graph: FloatGraph, options: CompileOptions): EdgeTypes {
  const problems = new Diagnostics();
  const warnings: string[] = [];
  const refuse = (name: string, message: string): void => problems.add("OPTION_INVALID", { name, op: "" }, message);
  if (options.inputs !== undefined && options.inputs.length !== graph.inputs.length)
    refuse("", `the model has ${graph.inputs.length} inputs, the options name ${options.inputs.length}`);
  if (options.outputs !== undefined && options.outputs.length !== graph.outputs.length)
    refuse("", `the model has ${graph.outputs.length} outputs, the options name ${options.outputs.length}`);
  const indices = indexInputs(graph);
  const inputs = graph.inputs.map(({ name, shape }, index) => {
    const type = model.inputs[index]?.type ?? "float";
    const given = options.inputs?.[index];
    const places = type === "int64" || type === "int32" ? indices[index] : undefined;
    const fallback = places === undefined ? DEFAULT_INPUTS[type] : indexType(places);
    if (given === undefined) warnings.push(...assumed(name, type, places));
    const spec = { ...fallback, name, ...given, shape: [...shape] };
    if (spec.kind === "text")
      refuse(name, "text is no number: give the model a numeric tensor and declare an input adapter");
    if (isWholeType(type) && spec.decimals > 0)
      refuse(name, `the model takes ${type} here, which has no decimals; declare 0, not ${spec.decimals}`);
    check(spec, refuse);
    return Object.freeze(spec);
  });
  const outputs = graph.outputs.map(({ name, shape, type, value, labels }, index): OutputType => {
    const given = options.outputs?.[index];
    const classes = classCount(graph, value, labels);
    const isLabel = classes !== undefined;
    if (labels?.some((label, at) => label !== String(at)) === true)
      warnings.push(`output "${name}" is a label: ${labels.map((label, at) => `${at} = ${label}`).join(", ")}`);
    if (given !== undefined) {
      const spec = { name, ...given, shape: [...shape] };
      if (isLabel && (spec.kind === "int" || spec.decimals !== 0))
        refuse(name, "a class is a label or an unsigned integer without decimals");
      if (!isLabel && (spec.kind === "label" || spec.kind === "text"))
        refuse(
          name,
          `the output is neither an ArgMax nor a classifier's, so it cannot be a ${spec.kind}; take int or uint`,
        );
      check(spec, refuse);
      return spec;
    }
    if (type === "bool") return { name, kind: "uint", bits: 1, decimals: 0, shape };
    if (!isLabel) return { name, kind: "int", bits: null, decimals: type === "real" ? DEFAULT_DECIMALS : 0, shape };
    return { name, kind: "label", bits: classes <= 256 ? 8 : 16, decimals: 0, shape };
  });
  problems.throwIfAny("OPTIONS_INVALID");
  return { inputs, outputs, warnings };
}

/** What to say of an input whose type nobody said. */
function assumed(name: string, type: ElementType, places: number | undefined): readonly string[] {
  if (!isWholeType(type))
    return [
      `input "${name}" is taken as int16 with ${DEFAULT_DECIMALS} decimals, from -32.768 to 32.767; ` +
        "say its element type if it is another",
    ];
  if (places !== undefined)
    return [
      `input "${name}" is taken as uint${indexType(places).bits}, an index below ${places}; a larger one counts as ${places - 1}`,
    ];
  const { kind, bits } = DEFAULT_INPUTS[type];
  return WIDE.has(type)
    ? [
        `input "${name}" is taken as ${kind}${bits}, though the model takes ${type}; ` +
          "say its element type if its numbers are larger, or all small",
      ]
    : [];
}

function indexType(places: number): Omit<ElementOptions, "name"> {
  return { kind: "uint", bits: ELEMENT_BITS.find((bits) => bits >= 8 && 2 ** bits >= places) ?? 64, decimals: 0 };
}

/** Of an output that is the position of a class. */
function classCount(graph: FloatGraph, value: number, labels: readonly string[] | undefined): number | undefined {
  const producer = graph.layers[value - graph.inputs.length];
  const indexed = producer?.kind === "argmax" && producer.gives === "index" ? producer.classes : undefined;
  return labels?.length ?? indexed;
}

function check(spec: NamedTensorSpec, refuse: (name: string, message: string) => void): void {
  try {
    assertTensorSpec(spec);
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    refuse(spec.name, error.message);
  }
}
