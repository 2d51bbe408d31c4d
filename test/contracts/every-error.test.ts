import { expect } from "chai";

import { contractFiles, declaredErrors, mentions, testFiles } from "./declared-errors.ts";

describe("every custom error of contracts/", () => {
  it("is named by a test", () => {
    const errors = declaredErrors(contractFiles());
    const named = mentions(
      errors.map(({ name }) => name),
      testFiles(),
    );
    expect(errors).to.not.be.empty;
    expect(errors.filter(({ name }) => named.get(name)?.length === 0)).to.deep.equal([]);
  });
});
