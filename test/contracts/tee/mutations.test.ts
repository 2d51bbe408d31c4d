import { expect } from "chai";
import fc from "fast-check";

import { bodyAt } from "../../../workers/tee/development/quote.ts";
import { inspection, networkHelpers, REAL_QUOTES, served, underIntel } from "./fixture.ts";
import { developmentQuotes, mutate, sampled } from "./mutations.ts";

// `hardhat run test/contracts/tee/mutate-all.ts` tries every byte.
describe("a quote with one byte changed never passes, and fails by a typed error", function () {
  this.timeout(120_000);

  for (const [form, valid] of developmentQuotes().filter(([name]) => ["sgx-v3", "td15-v5"].includes(name)))
    it(`under the development root: ${form}`, async () => {
      const base = await networkHelpers.loadFixture(served);
      const rest = valid.indexOf("-----BEGIN") - (form === "sgx-v3" ? 0 : 6);
      const edges = [0, 4, 12, 28, 48, bodyAt(form), rest - 500, rest - 40, rest, valid.length - 1];
      const { errors, survivors } = await mutate(base, valid, sampled(valid.length, 61, edges));
      expect(survivors).to.deep.equal([]);
      expect([...errors.keys()]).to.include.members([
        "QuoteSignature",
        "QuotingEnclaveSignature",
        "CertificateSignature",
      ]);
    });

  it("under Intel's root", async () => {
    const base = await networkHelpers.loadFixture(underIntel);
    for (const valid of Object.values(REAL_QUOTES)) {
      const { survivors } = await mutate(base, valid, sampled(valid.length, 149, [0, valid.length - 1]));
      expect(survivors).to.deep.equal([]);
    }
  });

  it("nor when it is cut, or filled with other bytes, wherever that is", async () => {
    const base = await networkHelpers.loadFixture(served);
    const quotes = developmentQuotes().map(([, valid]) => valid);
    const change = fc.record({
      valid: fc.constantFrom(...quotes),
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      removed: fc.nat(40),
      added: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ valid, place, removed, added }) => {
        const from = Math.floor(place * valid.length);
        const mutated = Buffer.concat([valid.subarray(0, from), added, valid.subarray(from + removed)]);
        fc.pre(!mutated.equals(valid));
        expect(await inspection(base, mutated)).to.not.match(/^(passes|untyped)/);
      }),
      { numRuns: 60 },
    );
  });
});
