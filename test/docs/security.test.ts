import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

const root = fileURLToPath(new URL("../../", import.meta.url));
const CONTRACTS = `${root}test/contracts/`;
const ATTACKS = "attacks/";

interface Named {
  readonly file: string;
  readonly title: string;
}

/** The cells of every row of the table of threats. */
async function threats(): Promise<string[][]> {
  const text = await readFile(`${root}SECURITY.md`, "utf8");
  const [, section = ""] = /^## Threats$([\s\S]*?)^## /m.exec(text) ?? [];
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function testsIn(cell: string): Named[] {
  return [...cell.matchAll(/`([\w/-]+\.test\.ts)` "([^"]+)"/g)].map(([, file = "", title = ""]) => ({ file, title }));
}

/** What a file calls its tests; a part that is filled in when it runs may be anything. */
async function titlesOf(file: string): Promise<RegExp[]> {
  const source = await readFile(CONTRACTS + file, "utf8");
  const titles = [...source.matchAll(/\bit\(\s*("|`)(.+?)\1,/g)].map(([, , title = ""]) => title);
  return titles.map((title) => {
    const parts = title.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".+")}$`);
  });
}

describe("the table of threats in SECURITY.md", () => {
  it("says of every attack what stops it, and which tests show that", async () => {
    const rows = await threats();
    expect(rows.length).to.be.greaterThan(30);
    for (const row of rows) {
      const [, attack = "", stop = "", shown = ""] = row;
      expect(row, attack).to.have.length(4);
      expect(stop, attack).not.to.equal("");
      const tests = testsIn(shown);
      expect(tests.length, attack).to.be.greaterThan(0);
      expect(tests.map(({ file, title }) => `\`${file}\` "${title}"`).join("; "), attack).to.equal(shown);
    }
  });

  it("names tests that exist", async () => {
    for (const [, , , shown = ""] of await threats())
      for (const { file, title } of testsIn(shown)) {
        const titles = await titlesOf(file);
        expect(
          titles.some((known) => known.test(title)),
          `${file}: ${title}`,
        ).to.equal(true);
      }
  });

  it("leaves out none of the files that test attacks", async () => {
    const named = new Set((await threats()).flatMap(([, , , shown = ""]) => testsIn(shown).map(({ file }) => file)));
    const files = (await readdir(CONTRACTS + ATTACKS)).filter((file) => file.endsWith(".test.ts"));
    expect(files.filter((file) => !named.has(ATTACKS + file))).to.deep.equal([]);
  });
});
