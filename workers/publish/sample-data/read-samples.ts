import type { ModelInput } from "../../../circuits/compiler/index.ts";
import { samplesOfJson } from "./json-samples.ts";
import { parseNpy } from "./npy.ts";
import { samplesOfArrays } from "./array-samples.ts";
import { readZip } from "./zip.ts";

/** For each sample, real values as the model takes them: all of its inputs laid end to end, row-major. */
export type SampleList = readonly (readonly number[])[];

export interface SampleFile {
  /** For messages. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** "\x93N" and "PK". */
const [NPY, ZIP] = [
  [0x93, 0x4e],
  [0x50, 0x4b],
] as const;

/**
 * Samples from a file, whose content says what it is: a `.npy` for a model with one input, a `.npz` with one array for
 * each input, or JSON. Throws `SAMPLES_INVALID`, which names file, array, expected and found shapes, and the position of
 * what is no finite number.
 */
export function readSamples(
  { path, bytes }: SampleFile,
  inputs: readonly ModelInput[],
  inputAdapter: Uint8Array | null,
): SampleList {
  if (startsWith(bytes, NPY)) return samplesOfArrays(new Map([["", parseNpy(bytes, path)]]), inputs, path);
  if (startsWith(bytes, ZIP)) {
    const arrays = [...readZip(bytes, path)].map(
      ([name, content]) => [name.replace(/\.npy$/u, ""), parseNpy(content, `${path}/${name}`)] as const,
    );
    return samplesOfArrays(new Map(arrays), inputs, path);
  }
  return samplesOfJson(bytes, inputs, { path, inputAdapter });
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, at) => bytes[at] === byte);
}
