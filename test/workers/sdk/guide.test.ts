import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import ts from "typescript";
import { z } from "zod";

const root = join(import.meta.dirname, "../../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");

describe("the guide to the SDK", () => {
  const blocks = [...read("docs/sdk.md").matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  // The blocks are one program. The other one shows that a mistake would be found.
  const files = new Map([
    [join(root, "guide.ts"), blocks.join("\n")],
    [join(root, "mistake.ts"), 'import { request } from "assay";\nawait request({ jobId: 1 });\n'],
  ]);
  let problemsOf: (name: string) => string[];

  before(function () {
    this.timeout(60_000);
    const program = ts.createProgram([...files.keys()], guideOptions(), hostWith(files));
    problemsOf = (name) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(join(root, name))).map(({ messageText, start = 0 }) => {
        const text = files.get(join(root, name)) ?? "";
        return `${text.slice(start).split("\n", 1)[0] ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
      });
  });

  it("has snippets that type-check against what the package exports", () => {
    expect(blocks.length).to.be.greaterThan(6);
    expect(problemsOf("guide.ts")).to.deep.equal([]);
    expect(problemsOf("mistake.ts")).to.have.length(1);
  });

  it("names in its tables only what there is", () => {
    const sdk = ["index", "errors", "abi/errors", "job", "prepare-request"].map((name) => `workers/sdk/${name}.ts`);
    const format = ["commitment", "content-id", "manifest", "tensor"].map((name) => `circuits/format/${name}.ts`);
    const source = [...sdk, ...format].map(read).join("\n");
    const rows = read("docs/sdk.md").match(/^\|.*\|$/gm) ?? [];
    const names = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name));
    expect(names.length).to.be.greaterThan(40);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(source))).to.deep.equal([]);
  });
});

/** The repository's own rules, for a program that knows the package by its name, in Node and in the browser. */
function guideOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { exports } = z.object({ exports: z.record(z.string(), z.string()) }).parse(JSON.parse(read("package.json")));
  const sources = Object.entries(exports)
    .filter(([, path]) => path.startsWith("./dist/"))
    .map(([name, path]) => [join("assay", name), [join(root, path.replace("./dist/", "").replace(/\.js$/, ".ts"))]]);
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    paths: Object.fromEntries(sources) as Record<string, string[]>,
    lib: ["lib.es2024.d.ts", "lib.dom.d.ts"],
    types: ["node"],
  };
}

/** Files of the disk and a few more. */
function hostWith(files: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost({});
  return {
    ...host,
    fileExists: (name) => files.has(name) || host.fileExists(name),
    readFile: (name) => files.get(name) ?? host.readFile(name),
    getSourceFile: (name, options, ...rest) => {
      const text = files.get(name);
      return text === undefined
        ? host.getSourceFile(name, options, ...rest)
        : ts.createSourceFile(name, text, options, true);
    },
  };
}
