import { readFile } from "node:fs/promises";

import { encodeInput, parseInputAdapter } from "../../circuits/format/adapter.ts";
import { AssayError } from "../../circuits/format/error.ts";
import { elementCount, type TensorSpec } from "../../circuits/format/tensor.ts";

export class InputError extends AssayError {
  declare readonly code: "INPUT_MISSING" | "INPUT_UNREADABLE" | "INPUT_LENGTH" | "INPUT_NO_ADAPTER";
}

export interface InputOptions {
  /** JSON file: an array of numbers of any nesting for one input, an object by name for several. */
  readonly input?: string;
  /** Text for the model's input adapter. */
  readonly text?: string;
}

/** Input tensors in real units, row-major, one array for each input of the model. */
export async function readInputs(
  options: InputOptions,
  specs: readonly (TensorSpec & { readonly name: string })[],
  adapter: Uint8Array | null,
): Promise<number[][]> {
  if (options.text !== undefined) {
    if (adapter === null)
      throw new InputError("INPUT_NO_ADAPTER", "this model takes no text: it has no input adapter; give --input");
    return [encodeInput(parseInputAdapter(JSON.parse(new TextDecoder().decode(adapter))), options.text)];
  }
  if (options.input === undefined) throw new InputError("INPUT_MISSING", "give --input file.json or --text");
  const json = await readJson(options.input);
  return specs.map((spec, index) => {
    const values = flatten(specs.length === 1 && Array.isArray(json) ? json : named(json, spec.name), spec.name);
    const expected = elementCount(spec);
    if (values.length !== expected)
      throw new InputError(
        "INPUT_LENGTH",
        `input ${spec.name} (${String(index)}) has ${String(values.length)} elements, the model takes ${String(expected)}`,
        {
          details: { name: spec.name, expected, got: values.length },
        },
      );
    return values;
  });
}

/** Real values to the integers of a tensor, rounding half up; `packTensor` checks the range. */
export function toIntegers(values: readonly number[], spec: TensorSpec): bigint[] {
  const scale = 10 ** spec.decimals;
  return values.map((value) => BigInt(Math.floor(value * scale + 0.5)));
}

/** Throws `INPUT_UNREADABLE`. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new InputError("INPUT_UNREADABLE", `${path} cannot be read as JSON`, { cause, details: { path } });
  }
}

function named(json: unknown, name: string): unknown {
  if (typeof json === "object" && json !== null && name in json) return (json as Record<string, unknown>)[name];
  throw new InputError("INPUT_UNREADABLE", `the input file has no array for ${name}`, { details: { name } });
}

function flatten(value: unknown, name: string): number[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => flatten(item, name));
  if (typeof value === "number" && Number.isFinite(value)) return [value];
  throw new InputError("INPUT_UNREADABLE", `input ${name} holds ${JSON.stringify(value)}, which is not a number`, {
    details: { name },
  });
}
