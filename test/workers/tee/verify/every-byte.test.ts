import { expect } from "chai";

import { REAL_QUOTES } from "../../../contracts/tee/fixture.ts";
import { underIntel, verdict } from "./off-chain.ts";

describe("a quote that Intel's quoting enclave signed", () => {
  it("is refused off chain whichever of its bytes is changed", () => {
    const valid = REAL_QUOTES["SGX version 3"];
    const collateral = underIntel();
    expect(verdict(valid, collateral)).to.equal("passes");
    const chain = valid.indexOf("-----BEGIN");
    const survivors: number[] = [];
    const errors = new Set<string>();
    // Of the certificates' text every seventh byte: each costs the check of a signature.
    for (let offset = 0; offset < valid.length; offset += offset < chain ? 1 : 7) {
      const mutated = Buffer.from(valid);
      mutated[offset] = (valid[offset] ?? 0) ^ (1 << (offset % 8));
      const error = verdict(mutated, collateral);
      if (error === "passes") survivors.push(offset);
      errors.add(error);
    }
    expect(survivors).to.deep.equal([]);
    for (const error of ["QuoteSignature", "QuotingEnclaveSignature", "AttestationKeyMismatch", "CertificateSignature"])
      expect([...errors]).to.include(error);
  });
});
