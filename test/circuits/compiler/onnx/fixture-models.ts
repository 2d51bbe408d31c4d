import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

import type { ElementOptions } from "../../../../circuits/compiler/index.ts";

const ROOT = join(import.meta.dirname, "../../../fixtures/models");

export interface FixtureModel {
  /** Its folder: who wrote such models. */
  readonly family: string;
  /** Path below the folder of fixtures. */
  readonly file: string;
  readonly onnx: Uint8Array;
  /** In the order of the graph inputs. */
  readonly inputs: readonly ElementOptions[];
}

/** Every exported model in `test/fixtures/models`, with the element types that the file beside it says. */
export function readFixtureModels(): readonly FixtureModel[] {
  return globSync(join(ROOT, "*/*.onnx"))
    .sort()
    .map((path) => ({
      family: basename(dirname(path)),
      file: relative(ROOT, path),
      onnx: new Uint8Array(readFileSync(path)),
      inputs: readElements(path.replace(/\.onnx$/, ".json")),
    }));
}

function readElements(path: string): readonly ElementOptions[] {
  const config: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof config !== "object" || config === null || !("inputs" in config) || !Array.isArray(config.inputs))
    throw new Error(`${path} does not name the element types of the inputs`);
  return config.inputs.filter(isElement);
}

function isElement(value: unknown): value is ElementOptions {
  return typeof value === "object" && value !== null && "kind" in value && "bits" in value && "decimals" in value;
}
