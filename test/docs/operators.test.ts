import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { OPS } from "../../circuits/compiler/ops/table.ts";
import { renderOperators } from "../../scripts/operators/render-operators.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

describe("docs/operators.md", () => {
  it("is what the operators' files say of them", async () => {
    const written = await readFile(`${root}docs/operators.md`, "utf8");
    expect(written, "run npm run generate").to.equal(await renderOperators(OPS, `${root}package.json`));
  });

  it("has a row of four cells for every operator, in the order of the alphabet", async () => {
    const text = await renderOperators(OPS, `${root}package.json`);
    for (const ops of Object.values(OPS)) {
      const rows = Object.keys(ops).map(
        (name) => new RegExp(`^\\| ${name} +\\|(?:[^|\\n]|\\\\\\|)+\\|[^|\\n]+\\|[^|\\n]+\\|$`, "m"),
      );
      for (const row of rows) expect(text).to.match(row);
    }
    const names = [...text.matchAll(/^\| (\w+) /gm)].map(([, name = ""]) => name).filter((name) => name !== "operator");
    const sections = text.split(/^## /m).slice(1);
    expect(names).to.have.length(Object.values(OPS).reduce((sum, ops) => sum + Object.keys(ops).length, 0));
    for (const section of sections) {
      const listed = [...section.matchAll(/^\| (\w+) /gm)].map(([, name = ""]) => name).slice(1);
      expect(listed).to.deep.equal(listed.toSorted());
    }
  });

  it("keeps what Markdown would take as its own", async () => {
    const doc = { takes: "a | b, x*y*z, <b>, [1]", cost: "n", error: "\\" };
    const text = await renderOperators({ "": { Odd: { doc } } }, `${root}package.json`);
    expect(text).to.include(String.raw`| a \| b, x\*y\*z, \<b\>, \[1\] | n`);
    expect(text).to.include("Standard operators").and.not.to.include("ai.onnx.ml\n");
  });
});
