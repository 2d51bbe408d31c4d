import type { ModelInput } from "../../../circuits/compiler/index.ts";
import { fits, type NumberArray, positionText, shapeText, sizeOf } from "./arrays.ts";
import { invalidSamples } from "./error.ts";

/**
 * The samples in arrays whose first axis counts them, one array for each input: under the input's name, as `arr_0`,
 * `arr_1`, ... in the order of the inputs (what `numpy.savez` calls arrays without a name), or alone without a name.
 * Arrays that no input asks for are left aside. Throws `SAMPLES_INVALID`.
 */
export function samplesOfArrays(
  arrays: ReadonlyMap<string, NumberArray>,
  inputs: readonly ModelInput[],
  file: string,
): number[][] {
  const found = inputs.map((input, index) => {
    const [name, array] = find(arrays, input, index, file, inputs);
    checkArray(array, input, name, file);
    return { name, array };
  });
  const count = found[0]?.array.shape[0] ?? 0;
  for (const { name, array } of found)
    if (array.shape[0] !== count)
      throw invalidSamples(
        file,
        `array "${name}" holds ${array.shape[0] ?? 0} samples, array "${found[0]?.name ?? ""}" holds ${count}`,
        { array: name, expected: count, found: array.shape[0] },
      );
  if (count === 0) throw invalidSamples(file, "there are no samples in it");
  return Array.from({ length: count }, (_, sample) =>
    found.flatMap(({ array }) => {
      const size = array.values.length / count;
      return Array.from({ length: size }, (_, element) => array.values[sample * size + element] ?? 0);
    }),
  );
}

function find(
  arrays: ReadonlyMap<string, NumberArray>,
  input: ModelInput,
  index: number,
  file: string,
  inputs: readonly ModelInput[],
): readonly [string, NumberArray] {
  for (const name of [input.name, `arr_${index}`, ...(inputs.length === 1 && arrays.size === 1 ? arrays.keys() : [])]) {
    const array = arrays.get(name);
    if (array !== undefined) return [name, array];
  }
  const wanted = inputs.map(({ name }) => `"${name}"`).join(", ");
  const present = [...arrays.keys()].map((name) => `"${name}"`).join(", ");
  throw invalidSamples(
    file,
    arrays.has("")
      ? `the model has ${inputs.length} inputs (${wanted}); save them by name with numpy.savez`
      : `there is no array for the input "${input.name}"; it holds ${present === "" ? "none" : present}`,
    { array: input.name },
  );
}

function checkArray({ shape, values }: NumberArray, input: ModelInput, name: string, file: string): void {
  const array = name === "" ? "the array" : `array "${name}"`;
  if (shape.length === 0 || !fits(shape.slice(1), input.shape))
    throw invalidSamples(
      file,
      `${array} must be of shape ${shapeText(["samples", ...withoutBatch(input.shape)])} for the input "${input.name}", ` +
        `it is ${shapeText(shape)}`,
      { array: name, expected: ["samples", ...withoutBatch(input.shape)], found: shape },
    );
  for (let at = 0; at < sizeOf(shape); at++)
    if (!Number.isFinite(values[at]))
      throw invalidSamples(file, `${array} holds ${String(values[at])} at ${positionText(at, shape)}`, {
        array: name,
        position: at,
      });
}

/** The first dimension of a model's input is its batch of 1, whose place the samples take. */
function withoutBatch(shape: readonly number[]): readonly number[] {
  return shape[0] === 1 ? shape.slice(1) : shape;
}
