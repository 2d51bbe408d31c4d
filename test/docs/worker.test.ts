import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { readWorkerFile } from "../../workers/cli/worker-file.ts";

describe("the worker's guide", () => {
  it("shows a configuration that the command takes", async () => {
    const guide = await readFile(join(import.meta.dirname, "../../docs/worker.md"), "utf8");
    const [, shown = ""] = /```json\n([^`]*)```/.exec(guide) ?? [];
    const directory = await mkdtemp(join(tmpdir(), "assay-docs-"));
    try {
      await writeFile(join(directory, "worker.json"), shown);
      const file = await readWorkerFile(join(directory, "worker.json"));
      expect(file.serve).to.have.length(1);
      expect(file.price).to.equal("0.0005");
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
