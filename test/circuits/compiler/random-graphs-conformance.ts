import { type Compilation, compile, CompileError, type CompileReport } from "../../../circuits/compiler/index.ts";
import { expectReported } from "./corpus-conformance-reported.ts";
import type { RandomGraph } from "./random-graphs.ts";
import { expectSound } from "./random-graphs-soundness.ts";

/** Wide enough that scales need no search. */
const BITS = 16;
/** Inputs on which the circuit is checked: a witness takes longer than an answer. */
const PROVEN = 5;

/** Compiles a random graph and compares it with ONNX Runtime: see `expectReported` and `expectSound`. */
export async function expectGraph(graph: RandomGraph): Promise<CompileReport> {
  const compilation = compileGraph(graph);
  expectSound(compilation.graph, graph.inputs.slice(0, PROVEN));
  await expectReported(graph.onnx, compilation, graph.inputs);
  return compilation.report;
}

/** With 16 bits, or those that the compiler chooses where 16 would not be exact. */
export function compileGraph({ onnx, elements, sampleInputs }: RandomGraph): Compilation {
  const options = { name: "random", inputs: elements, sampleInputs };
  try {
    return compile(onnx, { ...options, weightBits: BITS, activationBits: BITS });
  } catch (error) {
    if (!(error instanceof CompileError) || error.diagnostics.some(({ code }) => code !== "PRECISION_LOST"))
      throw error;
    return compile(onnx, options);
  }
}
