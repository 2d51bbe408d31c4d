/**
 * Writes `docs/operators.md` from the doc record of every operator. With `--check` nothing is written and the exit code is
 * 1 if the file is not what it would be.
 */
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { OPS } from "../circuits/compiler/ops/table.ts";
import { renderOperators } from "./operators/render-operators.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const file = join(root, "docs", "operators.md");

const text = await renderOperators(OPS, join(root, "package.json"));
if (process.argv.includes("--check")) {
  if ((await readFile(file, "utf8").catch(() => undefined)) !== text) {
    console.error(`docs/operators.md is stale; run ${basename(import.meta.filename)}`);
    process.exitCode = 1;
  }
} else await writeFile(file, text);
