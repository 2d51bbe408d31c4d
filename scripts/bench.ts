// `npm run bench`: all example models into docs/models.md. With names, those models alone; with `--steps`, the tables of
// docs/benchmarks.md to standard output instead.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import hre from "hardhat";

import { GALLERY } from "./bench/gallery.ts";
import { measureGalleryModel } from "./bench/gallery-row.ts";
import { formatRow, withRow } from "./bench/gallery-table.ts";
import { measureSteps } from "./bench/steps.ts";

const TABLE = fileURLToPath(new URL("../docs/models.md", import.meta.url));

await hre.tasks.getTask("build").run({ quiet: true });

const names = process.argv.slice(2);
if (names.includes("--steps")) process.stdout.write(await measureSteps());
else {
  const unknown = names.filter((name) => !GALLERY.some((model) => model.name === name));
  if (unknown.length > 0)
    throw new Error(`no such model: ${unknown.join(", ")}; there are ${GALLERY.map(({ name }) => name).join(", ")}`);
  const order = GALLERY.map(({ name }) => name);
  for (const model of GALLERY) {
    if (names.length > 0 && !names.includes(model.name)) continue;
    process.stderr.write(`${model.name}\n`);
    const row = formatRow(await measureGalleryModel(model));
    // After each model, so that a long run that is interrupted leaves what it has measured; and into the page as it is by
    // then, so that it keeps what another run has measured meanwhile.
    await writeFile(TABLE, withRow(await readFile(TABLE, "utf8"), model.name, row, order));
  }
}
// Hardhat keeps handles open that nothing else needs.
process.exit();
