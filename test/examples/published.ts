import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** The first number in the second column of the row of `examples/<example>/README.md` that starts with `row`. */
export function statedFigure(example: string, row: string): number {
  const text = readFileSync(new URL(`../../examples/${example}/README.md`, import.meta.url), "utf8");
  const line = text.split("\n").find((candidate) => candidate.startsWith(`| ${row} `));
  const figure = /-?\d+(\.\d+)?/.exec(line?.split("|")[2] ?? "")?.[0];
  if (figure === undefined) throw new Error(`examples/${example}/README.md states no ${row}`);
  return Number(figure);
}

/** Runs a published model on inputs one by one; gives each output's numbers, in the order of the graph. */
export async function runPublished(
  file: string | URL,
  shape: readonly number[],
  inputs: readonly ArrayLike<number>[],
): Promise<number[][][]> {
  const bytes = readFileSync(typeof file === "string" ? new URL(`../../examples/${file}`, import.meta.url) : file);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const [name = ""] = session.inputNames;
  const results: number[][][] = [];
  for (const input of inputs) {
    const outputs = await session.run({ [name]: new Tensor("float32", Float32Array.from(input), shape) });
    results.push(
      session.outputNames.map((output) => {
        const data = outputs[output]?.data;
        if (data instanceof BigInt64Array || data instanceof Float32Array)
          return Array.from<number | bigint, number>(data, Number);
        throw new TypeError(`${output} is neither int64 nor float`);
      }),
    );
  }
  await session.release();
  return results;
}
