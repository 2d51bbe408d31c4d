import { AssayError } from "../format/error.ts";

/** One thing that is wrong with a model, where, and what to do about it. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** Name of the ONNX node (or of its first output, when it has none); "" when the whole model is meant. */
  readonly node: string;
  /** ONNX operator, "" when no operator is meant. */
  readonly op: string;
  readonly message: string;
}

export type DiagnosticCode =
  | "FILE_NOT_ONNX"
  | "FILE_TRUNCATED"
  | "FILE_EXTERNAL_DATA"
  | "OP_UNSUPPORTED"
  | "DOMAIN_UNKNOWN"
  | "ATTRIBUTE_UNSUPPORTED"
  | "OPERAND_UNSUPPORTED"
  | "SHAPE_DYNAMIC"
  | "SHAPE_MISMATCH"
  | "TYPE_UNSUPPORTED"
  | "SIZE_INVALID"
  | "VALUE_MISSING"
  | "VALUE_DUPLICATE"
  | "VALUE_NOT_FINITE"
  | "GRAPH_CYCLE"
  | "OPSET_UNSUPPORTED"
  | "OPTION_INVALID"
  | "OUTPUT_RANGE"
  | "CONSTANT_OUTPUT"
  | "RANGE_OVERFLOW"
  | "PRECISION_LOST"
  | "MODEL_TOO_LARGE"
  | "GRAPH_INVALID";

export type CompileErrorCode =
  "MODEL_UNREADABLE" | "MODEL_UNSUPPORTED" | "MODEL_TOO_LARGE" | "OPTIONS_INVALID" | "GRAPH_INVALID";

/** Thrown by the compiler with everything that is wrong at the stage that failed, not only the first thing. */
export class CompileError extends AssayError {
  declare readonly code: CompileErrorCode;
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: CompileErrorCode, diagnostics: readonly Diagnostic[], cause?: unknown) {
    super(code, diagnostics.map(formatDiagnostic).join("\n"), {
      details: { diagnostics },
      ...(cause === undefined ? {} : { cause }),
    });
    this.diagnostics = Object.freeze([...diagnostics]);
  }
}

function formatDiagnostic({ code, node, op, message }: Diagnostic): string {
  const place = [op, node === "" ? "" : `"${node}"`].filter((part) => part !== "").join(" ");
  return place === "" ? `${code}: ${message}` : `${code}: ${place}: ${message}`;
}

/** What a pass collects when it looks at many nodes; `throwIfAny` ends the pass. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];

  add(code: DiagnosticCode, where: { readonly name: string; readonly op: string }, message: string): void {
    this.#found.push(Object.freeze({ code, node: where.name, op: where.op, message }));
  }

  throwIfAny(code: CompileErrorCode = "MODEL_UNSUPPORTED"): void {
    if (this.#found.length > 0) throw new CompileError(code, this.#found);
  }
}

/** Thrown by an op about the node it was asked about; the pass that asked turns it into a diagnostic. */
export class NodeProblem extends Error {
  readonly code: DiagnosticCode;

  constructor(code: DiagnosticCode, message: string) {
    super(message);
    this.code = code;
  }
}
