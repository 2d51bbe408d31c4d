import { expect } from "chai";

import { conditionsIn, reportSides } from "../../scripts/coverage/conditions.ts";

const texts = (source: string) => conditionsIn("a.sol", source).map(({ line, text }) => `${line} ${text}`);

describe("the conditions of a Solidity source", () => {
  it("are those of every `if` and `require`, up to the comma or bracket that ends them", () => {
    const source = "if (a(b, c) && d[e]) f();\nelse if(!g) h();\nrequire((i), J(k, l));\nrequire(\n  m ||\n    n\n);";
    expect(texts(source)).to.deep.equal(["1 a(b, c) && d[e]", "2 !g", "3 (i)", "4  m || n "]);
  });

  it("are neither in comments nor in strings, nor in functions whose names end alike", () => {
    expect(texts('// if (a)\n/* require(b) */ s = "if (c)"; _require(d); iff(e); assembly { if f {} }')).to.deep.equal(
      [],
    );
  });

  it("hold brackets and commas in strings and comments", () => {
    expect(texts('if (a == ")" /* ) */) b();')).to.deep.equal(['1 a == ")" /* ) */']);
  });

  it("are reported with a tag for each side, which differ between files and places", () => {
    const source = "if (a) b(); if (a) b();";
    const tags = ["a.sol", "b.sol"].flatMap((file) => conditionsIn(file, source).map(({ tag }) => tag));
    expect(new Set(tags.flatMap((tag) => [tag, tag + 1n])).size).to.equal(8);
    const [first, second] = tags;
    expect(reportSides("a.sol", source)).to.match(
      new RegExp(
        `^if \\((__side\\w+)\\(a, ${first}\\)\\) b\\(\\); if \\(\\1\\(a, ${second}\\)\\) b\\(\\);\nfunction \\1\\(`,
      ),
    );
  });

  it("leave a source without any as it is", () => {
    expect(reportSides("a.sol", "contract A {}")).to.equal("contract A {}");
  });
});
