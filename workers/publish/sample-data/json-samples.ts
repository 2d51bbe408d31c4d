import type { ModelInput } from "../../../circuits/compiler/index.ts";
import { encodeInput, type InputAdapter, parseInputAdapter } from "../../../circuits/format/adapter.ts";
import { fits, type NumberArray, shapeText, sizeOf } from "./arrays.ts";
import { invalidSamples } from "./error.ts";

/** What a file of samples belongs to. */
export interface JsonContext {
  readonly path: string;
  readonly inputAdapter: Uint8Array | null;
}

const WANTED =
  "samples are a JSON array with one entry for each: numbers (nested or flat), an object of them by input name, or a " +
  "text for the input adapter";

/** Throws `SAMPLES_INVALID`, as every JSON is that holds anything but samples of the right shape. */
export function samplesOfJson(bytes: Uint8Array, inputs: readonly ModelInput[], context: JsonContext): number[][] {
  const json = parseJson(bytes, context.path);
  if (!Array.isArray(json) || json.length === 0) throw invalidSamples(context.path, WANTED);
  const adapter = context.inputAdapter && parseInputAdapter(parseJson(context.inputAdapter, "the input adapter"));
  return json.map((sample: unknown, index) => readSample(sample, { ...context, index, inputs, adapter }));
}

interface Place {
  readonly path: string;
  readonly index: number;
  readonly inputs: readonly ModelInput[];
  readonly adapter: InputAdapter | null;
}

function readSample(sample: unknown, place: Place): number[] {
  const { path, index, inputs, adapter } = place;
  if (typeof sample === "string") {
    if (adapter === null)
      throw invalidSamples(path, `sample ${index} is a text, but the model has no input adapter`, { sample: index });
    return encodeInput(adapter, sample);
  }
  if (isRecord(sample))
    return inputs.flatMap((input) => {
      if (!Object.hasOwn(sample, input.name))
        throw invalidSamples(path, `sample ${index} has nothing for the input "${input.name}"`, { sample: index });
      return valuesOf(sample[input.name], input, place);
    });
  const [only] = inputs;
  if (inputs.length === 1 && only !== undefined) return valuesOf(sample, only, place);
  const total = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return valuesOf(sample, { name: inputs.map(({ name }) => name).join(" + "), shape: [total] }, place);
}

function valuesOf(nested: unknown, input: ModelInput, { path, index }: Place): number[] {
  const array = readNested(nested, `sample ${index}, input "${input.name}"`, path);
  if (!fits(array.shape, input.shape))
    throw invalidSamples(
      path,
      `sample ${index}, input "${input.name}": the shape must be ${shapeText(input.shape)}, it is ${shapeText(array.shape)}`,
      { sample: index, array: input.name, expected: input.shape, found: array.shape },
    );
  return Array.from(array.values);
}

/** A number is an array without dimensions. Throws for what is ragged, and for whatever is no finite number. */
function readNested(nested: unknown, place: string, path: string): NumberArray {
  const shape: number[] = [];
  for (let level = nested; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
  const values: number[] = [];
  const visit = (value: unknown, axis: number, position: readonly number[]): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[axis])
        throw invalidSamples(
          path,
          `${place}: ${shapeText(position)} has ${value.length} entries, others have ${shape[axis] ?? 0}`,
        );
      value.forEach((item: unknown, at) => visit(item, axis + 1, [...position, at]));
      return;
    }
    if (typeof value !== "number" || !Number.isFinite(value) || axis !== shape.length)
      throw invalidSamples(
        path,
        `${place} holds ${JSON.stringify(value)} at ${shapeText(position)}, not a finite number`,
        {
          position,
        },
      );
    values.push(value);
  };
  visit(nested, 0, []);
  return { shape, values };
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalidSamples(
      path,
      `this is neither .npy nor .npz nor JSON (${cause instanceof Error ? cause.message : ""})`,
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
