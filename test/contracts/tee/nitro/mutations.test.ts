import { expect } from "chai";
import fc from "fast-check";

import { DOCUMENT, document, ENCLAVE, INSTANCE, networkHelpers, remembered } from "./fixture.ts";
import { every, mutate, offChain, onChain } from "./mutations.ts";

const valid = document({ isIndefinite: true });
const at = (part: Uint8Array) => valid.indexOf(part);

// `hardhat run test/contracts/tee/nitro/mutate-all.ts` tries every byte.
describe("a document of Nitro with one byte changed never passes, and fails by a typed error", function () {
  this.timeout(120_000);

  it("on chain", async () => {
    const base = await networkHelpers.loadFixture(remembered);
    // Headers, names and lengths of fields; then registers, certificates, user data and the signature.
    const heads = [...every(1, 0, 22), ...every(41, 22, 120), at(ENCLAVE) - 3, at(ENCLAVE) - 2, at(INSTANCE) - 1];
    const contents = [at(Buffer.alloc(48, 1)) + 5, at(INSTANCE) + 90, valid.length - 150, valid.length - 99];
    const { errors, survivors } = await mutate(
      valid,
      [...heads, ...contents, at(ENCLAVE) + 60, valid.length - 96, valid.length - 1],
      onChain(base),
    );
    expect(survivors).to.deep.equal([]);
    expect([...errors.keys()]).to.include.members([
      "DocumentSignature",
      "DocumentAlgorithm",
      "DocumentFieldUnknown",
      "CertificateUnknown",
      "CborUnexpected",
      "CborLength",
    ]);
  });

  it("off chain", async () => {
    const { errors, survivors } = await mutate(valid, every(61, 3, valid.length), offChain);
    expect(survivors).to.deep.equal([]);
    expect([...errors.keys()]).to.include.members(["DocumentSignature", "CertificateSignature"]);
  });

  it("nor when it is cut, or filled with other bytes, wherever that is: on chain as off chain", async () => {
    const base = await networkHelpers.loadFixture(remembered);
    const change = fc.record({
      place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      removed: fc.nat(40),
      added: fc.uint8Array({ maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ place, removed, added }) => {
        const from = Math.floor(place * valid.length);
        const mutated = Buffer.concat([valid.subarray(0, from), added, valid.subarray(from + removed)]);
        fc.pre(!mutated.equals(valid));
        expect(await onChain(base)(mutated)).to.not.match(/^(passes|untyped)/);
        expect(offChain(mutated)).to.not.match(/^(passes|untyped)/);
      }),
      { numRuns: 12 },
    );
  });

  it("nor with authorities in another order, left out or repeated, off chain", () => {
    const [root, region, zone, instance] = DOCUMENT.bundle;
    if (!root || !region || !zone || !instance) throw new Error("there are four authorities");
    const bundles: Record<string, readonly Uint8Array[]> = {
      RootUnknown: [region, root, zone, instance],
      IssuerMismatch: [root, zone, region, instance],
    };
    for (const [error, bundle] of Object.entries(bundles)) expect(offChain(document({ bundle }))).to.equal(error);
    expect(offChain(document({ bundle: [root, region, zone] }))).to.equal("IssuerMismatch");
    expect(offChain(document({ bundle: [root, region, region, zone, instance] }))).to.equal("IssuerMismatch");
  });
});
