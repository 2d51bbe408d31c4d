import { expect } from "chai";

import { bodyAt } from "../../../../workers/tee/development/quote.ts";
import type { Collateral } from "../../../../workers/tee/verify/collateral.ts";
import {
  type Contracts,
  inspection,
  networkHelpers,
  REAL_QUOTES,
  served as servedOnChain,
  underIntel as underIntelOnChain,
} from "../../../contracts/tee/fixture.ts";
import { developmentQuotes, sampled } from "../../../contracts/tee/mutations.ts";
import { served, underIntel, verdict } from "./off-chain.ts";

/** Changes of one bit of a byte for which contract and verifier do not say the same. */
async function disagreements(base: Contracts, collateral: Collateral, valid: Buffer, offsets: Iterable<number>) {
  const now = await networkHelpers.time.latest();
  const found: string[] = [];
  for (const offset of offsets) {
    const mutated = Buffer.from(valid);
    mutated[offset] = (valid[offset] ?? 0) ^ (1 << (offset % 8));
    const onChain = await inspection(base, mutated);
    const offChain = verdict(mutated, collateral, now);
    if (onChain !== offChain) found.push(`${offset}: ${onChain} on chain, ${offChain} off chain`);
  }
  return found;
}

describe("a quote with one byte changed is refused off chain as by the contract", () => {
  for (const [name, valid] of Object.entries(REAL_QUOTES))
    it(`signed by Intel's quoting enclave: ${name}`, async () => {
      const base = await networkHelpers.loadFixture(underIntelOnChain);
      expect(await inspection(base, valid)).to.equal("passes");
      expect(verdict(valid, underIntel())).to.equal("passes");
      const offsets = sampled(valid.length, 397, [4, 12, 48, 54, valid.indexOf("-----BEGIN"), valid.length - 1]);
      expect(await disagreements(base, underIntel(), valid, offsets)).to.deep.equal([]);
    });

  for (const [form, valid] of developmentQuotes().filter(([name]) => ["sgx-v3", "td15-v5"].includes(name)))
    it(`of the development platform: ${form}`, async () => {
      const base = await networkHelpers.loadFixture(servedOnChain);
      const collateral = served();
      expect(verdict(valid, collateral)).to.equal("passes");
      const chain = valid.indexOf("-----BEGIN");
      const edges = [2, 4, 12, bodyAt(form), chain - 500, chain - 40, chain - 6, chain];
      const offsets = sampled(valid.length, 197, edges);
      expect(await disagreements(base, collateral, valid, offsets)).to.deep.equal([]);
    });
});
