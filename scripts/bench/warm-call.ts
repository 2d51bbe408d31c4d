// What a warm answer costs in this process and in an executor's (fastest tenth / median), and how long an executor takes to
// be ready: `node scripts/bench/warm-call.ts`.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { compile, encodeGraph, evaluate } from "../../circuits/compiler/index.ts";
import { contentId } from "../../circuits/format/content-id.ts";
import { encodeManifest, type Manifest } from "../../circuits/format/manifest.ts";
import { packTensors, unpackTensors } from "../../circuits/format/tensor.ts";
import { createExecutor } from "../../workers/daemon/execution/executor/executor.ts";
import { DEFAULT_LIMITS } from "../../workers/daemon/execution/executor/limits.ts";
import { openOnnxModel } from "../../workers/daemon/execution/onnx-run.ts";
import { readModelSource } from "../../workers/publish/model-config.ts";
import { compileOptions } from "../../workers/publish/prepare-version.ts";

const MODELS = ["support-desk", "mnist-cnn"] as const;
const CALLS = 300;

const directory = await mkdtemp(join(tmpdir(), "assay-bench-"));
process.stdout.write(
  `| model, runtime | bytes in | here, ms | executor, ms | ready after, ms |\n| --- | --- | --- | --- | --- |\n`,
);
try {
  for (const name of MODELS) {
    const source = await readModelSource(fileURLToPath(new URL(`../../examples/${name}/model.onnx`, import.meta.url)));
    const { graph, inputs, outputs } = compile(source.onnx, compileOptions(source));
    const input = packTensors(
      inputs,
      inputs.map(({ shape }) => new Array<bigint>(shape.reduce((size, side) => size * side, 1)).fill(1n)),
    );
    const model = await openOnnxModel(source.onnx, inputs, outputs);
    const here = {
      reference: (packed: Uint8Array) =>
        Promise.resolve(packTensors(outputs, evaluate(graph, unpackTensors(inputs, packed)))),
      "ONNX Runtime": async (packed: Uint8Array) =>
        packTensors(outputs, await model.run(unpackTensors(inputs, packed))),
    };
    const programs = { reference: encodeGraph(graph), "ONNX Runtime": source.onnx };
    for (const runtime of ["reference", "ONNX Runtime"] as const) {
      const reference = { cid: contentId(programs[runtime]), bytes: programs[runtime].length };
      const path = join(directory, reference.cid);
      await writeFile(path, programs[runtime]);
      const manifest: Manifest = {
        assay: 1,
        name,
        model: reference,
        inputs: [...inputs],
        outputs: [...outputs],
        adapters: { input: null, output: null },
        circuit: null,
      };
      const program = { cid: reference.cid, path };
      const executor = createExecutor({
        versionId: name,
        prepare: () =>
          Promise.resolve({
            kind: "open",
            versionId: name,
            manifest: encodeManifest(manifest),
            program,
            // Not read before the first proof.
            provingKey: runtime === "reference" ? program : null,
            proverThreads: null,
          }),
        damaged: () => Promise.reject(new Error("a file changed")),
        limits: DEFAULT_LIMITS,
        directory: join(directory, "executors"),
        onFault: (fault) => process.stderr.write(`${fault.message}\n`),
      });
      const began = performance.now();
      await executor.open();
      const cold = performance.now() - began;
      const [direct, remote] = [await spread(() => here[runtime](input)), await spread(() => executor.run(input))];
      await executor.close();
      process.stdout.write(`| ${name}, ${runtime} | ${input.length} | ${direct} | ${remote} | ${cold.toFixed(0)} |\n`);
    }
    await model.close();
  }
} finally {
  await rm(directory, { recursive: true });
}

/** The fastest tenth, which other work on the machine disturbs least, and the median. */
async function spread(call: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let count = 0; count < CALLS; count++) {
    const began = performance.now();
    await call();
    times.push(performance.now() - began);
  }
  times.sort((one, other) => one - other);
  return [0.1, 0.5].map((part) => (times[CALLS * part] ?? NaN).toFixed(2)).join(" / ");
}
