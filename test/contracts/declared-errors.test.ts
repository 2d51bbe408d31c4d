import { expect } from "chai";

import { codeOf, errorsIn, wordsOf } from "./declared-errors.ts";

// The names are no errors of contracts/: to mention one here would count as a test of it.
describe("the scan for custom errors", () => {
  it("finds declarations with their lines, with or without arguments, on one line or more", () => {
    const source =
      "interface I {\n  error Apple();\n  error Quince(\n    uint256 had\n  );\n}\nerror\nMedlar(bytes b);";
    expect(errorsIn(source)).to.deep.equal([
      { name: "Apple", line: 2 },
      { name: "Quince", line: 3 },
      { name: "Medlar", line: 7 },
    ]);
  });

  it("takes neither comments nor strings for declarations, nor `revert` or `catch Error`", () => {
    const source = [
      "// error Apple();",
      "/* error Quince(); */ /** error\n * Medlar() */",
      'string s = "error Apple()";',
      "revert Apple(); try x.y() {} catch Error(string memory) {}",
      "function terror() {}",
    ];
    expect(errorsIn(source.join("\n"))).to.deep.equal([]);
  });

  it("counts a word in code and in strings as a mention, and none in a comment", () => {
    const words = wordsOf("expect(x, 'Apples'); // Pear\nA.Quince.selector; `${b} Medlar`; /* Plum */");
    for (const word of ["Apples", "Quince", "Medlar"]) expect(words.has(word), word).to.equal(true);
    for (const word of ["Pear", "Plum", "Apple"]) expect(words.has(word), word).to.equal(false);
  });

  it("opens no comment inside of a string, and no string inside of a comment", () => {
    expect(wordsOf('a("https://b"); c').has("c")).to.equal(true);
    expect(wordsOf("/* it's \"open */ c").has("c")).to.equal(true);
    expect(codeOf('x = "a\\"b"; // c\ny')).to.equal(`x = ${" ".repeat(6)}; ${" ".repeat(4)}\ny`);
  });
});
