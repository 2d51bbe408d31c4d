import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { AssayError } from "../../../../circuits/format/error.ts";
import { encodeManifest, type Manifest, type NamedTensorSpec } from "../../../../circuits/format/manifest.ts";
import { createExecutor, type Executor } from "../../../../workers/daemon/execution/executor/executor.ts";
import { DEFAULT_LIMITS, type ExecutorLimits } from "../../../../workers/daemon/execution/executor/limits.ts";
import { hashContent } from "../../../../workers/store/hash-content.ts";

export interface TestExecutor extends Executor {
  /** Codes, in their order. */
  readonly faults: readonly string[];
  /** Where the model is. */
  readonly path: string;
}

/** Executors of models in files of their own, in a new directory below `parent`, which is gone with `closeAll`. */
export async function executors(parent = tmpdir()) {
  const directory = await mkdtemp(join(parent, "assay-executor-"));
  const started: Executor[] = [];
  return {
    directory,
    async start(
      onnx: Uint8Array,
      inputs: readonly NamedTensorSpec[],
      outputs: readonly NamedTensorSpec[],
      limits: Partial<ExecutorLimits> = {},
    ): Promise<TestExecutor> {
      const cid = hashContent(onnx);
      const path = join(directory, cid);
      await writeFile(path, onnx);
      const manifest: Manifest = {
        assay: 1,
        name: "test",
        model: { cid, bytes: onnx.length },
        inputs: [...inputs],
        outputs: [...outputs],
        adapters: { input: null, output: null },
        circuit: null,
      };
      const faults: string[] = [];
      const executor = createExecutor({
        versionId: "test",
        prepare: () =>
          Promise.resolve({
            kind: "open",
            versionId: "test",
            manifest: encodeManifest(manifest),
            program: { cid, path },
            provingKey: null,
            proverThreads: 1,
          }),
        damaged: () => writeFile(path, onnx),
        limits: { ...DEFAULT_LIMITS, ...limits },
        directory: join(directory, "executors"),
        onFault: ({ code }: AssayError) => faults.push(code),
      });
      started.push(executor);
      return { ...executor, faults, path };
    },
    async closeAll(): Promise<void> {
      await Promise.all(started.map((executor) => executor.close()));
      await rm(directory, { recursive: true });
    },
  };
}
