import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { errorsAbi } from "../../workers/sdk/abi/errors.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const guide = read("docs/tee.md");

/** The cells of the rows of the table under a heading. */
function rowsUnder(heading: string): string[][] {
  const [, section = ""] = guide.split(`\n## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("the guide to enclaves", () => {
  it("names errors that the contracts have", () => {
    const names = rowsUnder("What the chain checks").flatMap(([, , errors = ""]) =>
      [...errors.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
    );
    const known = new Set<string>(errorsAbi.map(({ name }) => name));
    expect(names.length).to.be.greaterThan(25);
    expect(names.filter((name) => !known.has(name))).to.deep.equal([]);
  });

  it("says the gas that the snapshots say", () => {
    const snapshots = [
      read("test/contracts/tee/gas.snapshot.json"),
      read("test/contracts/tee/nitro/gas.snapshot.json"),
    ];
    const measured = new Set(snapshots.join("\n").match(/\d+(?=,?\n)/g));
    const figures = rowsUnder("Gas")
      .flatMap((cells) => cells.slice(1))
      .filter((cell) => /^[\d,]+$/.test(cell))
      .map((cell) => cell.replaceAll(",", ""));
    expect(figures.length).to.be.greaterThan(15);
    expect(figures.filter((figure) => !measured.has(figure))).to.deep.equal([]);
  });

  it("links only to what is there", () => {
    for (const name of ["docs/tee.md", "images/README.md"]) {
      const targets = [...read(name).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = ""]) => target);
      const missing = targets.filter((target) => !existsSync(join(root, dirname(name), target)));
      expect(missing, name).to.deep.equal([]);
    }
    for (const name of guide.match(/(?<=`)images\/[\w./-]+(?=`)/g) ?? [])
      expect(existsSync(join(root, name)), name).to.equal(true);
  });
});

describe("the images", () => {
  const files = ["images/worker/Dockerfile", "images/nitro/Dockerfile"];

  it("are built on what a digest names", () => {
    for (const name of files) {
      const bases = [...read(name).matchAll(/^ARG (?:NODE|GCC)=(.*)$/gm)].map(([, base = ""]) => base);
      expect(bases.length, name).to.be.greaterThan(0);
      for (const base of bases) expect(base, name).to.match(/^[\w.:-]+@sha256:[0-9a-f]{64}$/);
      for (const [, from = ""] of read(name).matchAll(/^FROM (\S+)/gm)) expect(from, name).to.match(/^\$\{\w+\}$/);
    }
  });

  it("copy only what is there", () => {
    for (const name of files)
      for (const [, sources = ""] of read(name).matchAll(/^COPY (?!--from)(?:--\S+ )?(.*) \S+$/gm))
        for (const source of sources.split(" "))
          expect(existsSync(join(root, source)), `${name}: ${source}`).to.equal(true);
  });

  it("look for Nitro's documents where the worker does", () => {
    const [socket] = /\/run\/[\w.-]+\.sock/.exec(read("images/nitro/start.sh")) ?? [];
    expect(read("docs/worker.md")).to.include(`\`${socket ?? "none"}\``);
  });
});
