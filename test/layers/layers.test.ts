import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { expect } from "chai";
import ts from "typescript";

import { GUARDED_PACKAGES, LAYERS } from "./arrows.ts";

const root = join(import.meta.dirname, "../..");

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => ({ file, specifier: fileName }));
}

function isInside(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function violation({ file, specifier }: Import): string | undefined {
  const layer = LAYERS.find(({ folder }) => isInside(file, folder));
  if (layer === undefined) return undefined;
  if (specifier.startsWith("node:")) return layer.node ? undefined : `${file} imports ${specifier}`;
  if (!specifier.startsWith(".")) return guardViolation({ file, specifier });
  const target = relative(root, join(root, dirname(file), specifier));
  const allowed = [layer.folder, ...layer.mayImport].some((folder) => isInside(target, folder));
  return allowed ? undefined : `${file} imports ${target}`;
}

function guardViolation({ file, specifier }: Import): string | undefined {
  const guarded = Object.keys(GUARDED_PACKAGES).find((name) => isInside(specifier, name));
  if (guarded === undefined) return undefined;
  const allowed = (GUARDED_PACKAGES[guarded] ?? []).some((folder) => isInside(file, folder));
  return allowed ? undefined : `${file} imports ${specifier}`;
}

describe("layers", () => {
  const files = ["circuits", "workers", "examples"].flatMap(sourceFiles);

  it("belong to a known folder each", () => {
    const homeless = files.filter((file) => !LAYERS.some(({ folder }) => isInside(file, folder)));
    expect(homeless).to.deep.equal([]);
  });

  it("import only along the arrows of the architecture", () => {
    const violations = files.flatMap(importsOf).map(violation);
    expect(violations.filter((found) => found !== undefined)).to.deep.equal([]);
  });

  it("catch an arrow that points the wrong way", () => {
    expect(violation({ file: "circuits/format/tensor.ts", specifier: "../compiler/compile.ts" })).to.be.a("string");
    expect(violation({ file: "workers/sdk/client.ts", specifier: "node:fs" })).to.be.a("string");
    expect(violation({ file: "workers/sdk/client.ts", specifier: "snarkjs" })).to.be.a("string");
    expect(violation({ file: "workers/daemon/start.ts", specifier: "../cli/main.ts" })).to.be.a("string");
  });
});
