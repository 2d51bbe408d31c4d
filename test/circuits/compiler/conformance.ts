import { expect } from "chai";
import * as ort from "onnxruntime-node";

import {
  type Compilation,
  compile,
  type CompileOptions,
  evaluate,
  findUndetermined,
  givenWires,
  lower,
} from "../../../circuits/compiler/index.ts";
import { xorshift } from "../../../circuits/compiler/passes/xorshift.ts";
import { assertSatisfied } from "../../../circuits/format/check-witness.ts";
import type { NamedTensorSpec } from "../../../circuits/format/manifest.ts";
import { elementCount, elementRange } from "../../../circuits/format/tensor.ts";
import { elementsOf, toOnnxTensor } from "../../../workers/daemon/execution/onnx-tensor.ts";
import { buildOnnx, type TestModel } from "./build-onnx.ts";

export interface Conformance extends Partial<CompileOptions> {
  /** Integer inputs, one array for each tensor, besides those that are drawn. */
  readonly cases?: readonly (readonly (readonly number[])[])[];
  /** Integer inputs that are drawn; default 24. They are seeded: the same every time. */
  readonly draws?: number;
  /** Drawn integers lie in [-most, most]; default: the whole range of the type. */
  readonly most?: number;
  /** Largest error in real units; default 1 % of the output's range over all cases, and a unit of its last decimal. */
  readonly tolerance?: number;
  /** Whether outputs are ONNX Runtime's, rounded to their decimals. */
  readonly exact?: boolean;
  /** Whether to look for wires that a prover could choose; default true. */
  readonly unique?: boolean;
}

/**
 * Compiles a model and compares it with ONNX Runtime on zeros, the ends of the input types, given and drawn inputs. The
 * reference, the witness and the rows must agree on the way. Returns what was compiled.
 */
export async function expectConforms(
  model: TestModel | Uint8Array,
  conformance: Conformance = {},
): Promise<Compilation> {
  const { cases = [], draws = 24, most, tolerance, exact = false, unique = true, ...given } = conformance;
  const onnx = model instanceof Uint8Array ? model : buildOnnx(model);
  const { inputs: specs } = compile(onnx, { name: "conformance", agreement: 0, maxError: 1, ...given });
  const inputs = [...edgeCases(specs, most), ...cases, ...drawCases(specs, draws, most)];
  const sampleInputs = inputs.map((tensors) =>
    tensors.flatMap((values, tensor) => values.map((value) => value / 10 ** (specs[tensor]?.decimals ?? 0))),
  );
  const compilation = compile(onnx, { name: "conformance", maxError: 0.002, agreement: 1, sampleInputs, ...given });
  const { graph, outputs } = compilation;
  const session = await ort.InferenceSession.create(onnx);
  const circuit = lower(graph);

  const expected: (readonly (readonly number[])[])[] = [];
  for (const tensors of inputs) expected.push(await runFloat(session, specs, tensors));
  const found = inputs.map((tensors) => evaluate(graph, toBigints(tensors)));
  outputs.forEach((spec, output) => {
    const unit = 10 ** spec.decimals;
    const reals = expected.flatMap((all) => all[output] ?? []);
    const range = Math.max(...reals) - Math.min(...reals);
    const allowed = exact ? 0.5 / unit + 1e-6 * Math.max(1, range) : (tolerance ?? 0.01 * range + 1 / unit);
    inputs.forEach((tensors, at) => {
      const [wanted, got] = [expected[at]?.[output] ?? [], found[at]?.[output] ?? []];
      expect(got.length, `elements of ${spec.name}`).to.equal(wanted.length);
      wanted.forEach((value, element) => {
        const error = Math.abs(value - Number(got[element]) / unit);
        const message = `${spec.name}[${element}] is ${String(got[element])} / ${unit}, ONNX Runtime says ${value}`;
        expect(error <= allowed, `${message}, for inputs ${JSON.stringify(tensors).slice(0, 300)}`).to.equal(true);
      });
    });
  });
  for (const tensors of inputs.slice(0, 8)) {
    const { witness, outputs: proven } = circuit.witness(toBigints(tensors), 7n);
    expect(proven).to.deep.equal(evaluate(graph, toBigints(tensors)));
    assertSatisfied(circuit.system, witness);
  }
  if (unique) {
    expect(findUndetermined(circuit.system), "undetermined by the public words").to.deep.equal([]);
    expect(findUndetermined(circuit.system, givenWires(circuit.program)), "undetermined by the inputs").to.deep.equal(
      [],
    );
  }
  await session.release();
  return compilation;
}

function toBigints(tensors: readonly (readonly number[])[]): bigint[][] {
  return tensors.map((values) => values.map(BigInt));
}

function limits(spec: NamedTensorSpec, most: number | undefined): { readonly lo: number; readonly hi: number } {
  const { min, max } = elementRange(spec);
  return { lo: Math.max(Number(min), -(most ?? Infinity)), hi: Math.min(Number(max), most ?? Infinity) };
}

function edgeCases(specs: readonly NamedTensorSpec[], most: number | undefined): number[][][] {
  const fill = (pick: (spec: NamedTensorSpec, at: number) => number): number[][] =>
    specs.map((spec) => Array.from({ length: elementCount(spec) }, (_, at) => pick(spec, at)));
  return [
    fill(() => 0),
    fill((spec) => limits(spec, most).lo),
    fill((spec) => limits(spec, most).hi),
    fill((spec, at) => (at % 2 === 0 ? limits(spec, most).lo : limits(spec, most).hi)),
    fill((spec, at) => Math.max(limits(spec, most).lo, Math.min(limits(spec, most).hi, (at % 5) - 2))),
  ];
}

function drawCases(specs: readonly NamedTensorSpec[], draws: number, most: number | undefined): number[][][] {
  const next = xorshift(0x2545f491);
  return Array.from({ length: draws }, () =>
    specs.map((spec) => {
      const { lo, hi } = limits(spec, most);
      return Array.from({ length: elementCount(spec) }, () => lo + Math.floor(next() * (hi - lo + 1)));
    }),
  );
}

async function runFloat(
  session: ort.InferenceSession,
  specs: readonly NamedTensorSpec[],
  tensors: readonly (readonly number[])[],
): Promise<number[][]> {
  const feeds = Object.fromEntries(
    specs.map((spec, at) => {
      const metadata = session.inputMetadata.find(({ name }) => name === spec.name);
      const type = metadata?.isTensor === true ? metadata.type : "float32";
      return [spec.name, toOnnxTensor(spec, (tensors[at] ?? []).map(BigInt), type)] as const;
    }),
  );
  const results = await session.run(feeds);
  return session.outputNames.map((name) => {
    const result = results[name];
    return result === undefined ? [] : elementsOf(result).map(Number);
  });
}
