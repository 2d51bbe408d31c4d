import { readFileSync } from "node:fs";

import { expect } from "chai";

import { GALLERY } from "../../scripts/bench/gallery.ts";
import { withRow } from "../../scripts/bench/gallery-table.ts";

const page = readFileSync(new URL("../../docs/models.md", import.meta.url), "utf8");
const order = GALLERY.map(({ name }) => name);
const rowsOf = (text: string) =>
  text.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| model"));
const nameOf = (row: string) => row.split("|")[1]?.trim() ?? "";

describe("docs/models.md", () => {
  it("has rows of the gallery's models alone, each once and in its order", () => {
    const names = rowsOf(page).map(nameOf);
    expect(names).to.include("mnist-mlp");
    expect(names).to.deep.equal(order.filter((name) => names.includes(name)));
  });

  it("gets a model's row and keeps the rows of all others", () => {
    for (const model of order) {
      const row = `| ${model} | measured again |`;
      const before = rowsOf(page).filter((line) => nameOf(line) !== model);
      const after = rowsOf(withRow(page, model, row, order));
      expect(after).to.include(row);
      expect(
        after.filter((line) => line !== row),
        model,
      ).to.deep.equal(before);
      expect(after.map(nameOf), model).to.deep.equal(order.filter((name) => after.map(nameOf).includes(name)));
    }
  });

  it("loses the row of a model that the gallery has no more", () => {
    const rest = order.filter((name) => name !== "volatility");
    const after = rowsOf(withRow(page, "mnist-mlp", "| mnist-mlp | measured again |", rest)).map(nameOf);
    expect(after).to.include("mnist-mlp").and.not.include("volatility");
  });
});
