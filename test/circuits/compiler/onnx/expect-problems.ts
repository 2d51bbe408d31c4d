import { CompileError, type Diagnostic } from "../../../../circuits/compiler/index.ts";
import { readModel } from "../../../../circuits/compiler/onnx/read-model.ts";
import type { TestModel } from "../build-onnx.ts";

/** What reading the bytes finds. */
export function problemsOf(bytes: Uint8Array): readonly Diagnostic[] {
  try {
    readModel(bytes);
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** Each problem as its code and the node it names. */
export function codesOf(bytes: Uint8Array): string[] {
  return problemsOf(bytes).map(({ code, node }) => `${code} ${node}`);
}

/** One Add of a constant named "c" to the input. */
export function addConstant(part: Partial<TestModel> = {}): TestModel {
  return {
    inputs: [{ name: "x", shape: [1, 2] }],
    outputs: ["y"],
    nodes: [{ op: "Add", name: "sum", inputs: ["x", "c"], outputs: ["y"] }],
    ...part,
  };
}
