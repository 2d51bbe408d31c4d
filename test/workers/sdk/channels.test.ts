import { expect } from "chai";
import { Signature, toBeHex } from "ethers";
import fc from "fast-check";

import { channelIdOf, isVoucherSigned, signVoucher, voucherDigest } from "../../../workers/sdk/channels/voucher.ts";
import { channelOf, ethers, nativeChannels, networkHelpers, salt } from "../../contracts/channels-fixture.ts";

const load = () => networkHelpers.loadFixture(nativeChannels);
/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

describe("channels off chain", function () {
  this.timeout(60_000);

  it("have the ids and vouchers the digests that the contract computes", async () => {
    const base = await load();
    const { channels, place, stranger } = base;
    const number = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
    await fc.assert(
      fc.asyncProperty(fc.nat(), number, async (index, total) => {
        const channel = await channelOf(base, { salt: salt(index), signer: stranger.address });
        const channelId = channelIdOf(place, channel);
        expect(await channels.channelIdOf(channel)).to.equal(channelId);
        expect(await channels.voucherDigest(channelId, total)).to.equal(voucherDigest(place, channel, total));
      }),
      { numRuns: 20 },
    );
  });

  it("tell a voucher that the contract takes from one that it does not", async () => {
    const base = await load();
    const { channels, place, payer, stranger } = base;
    const channel = await channelOf(base);
    const signature = await signVoucher(payer, place, channel, 5n);
    const { r, s, v } = Signature.from(signature);
    const twin = `${r}${toBeHex(ORDER - BigInt(s), 32).slice(2)}${toBeHex(55 - v).slice(2)}`;
    for (const [total, bytes, expected] of [
      [5n, signature, true],
      [6n, signature, false],
      [5n, await signVoucher(stranger, place, channel, 5n), false],
      [5n, await signVoucher(payer, { ...place, chainId: 1 }, channel, 5n), false],
      [5n, twin, false],
      // v as 0 or 1, and as of a transaction of some chain: a library may read them, the chain does not.
      [5n, `${signature.slice(0, -2)}${toBeHex(v - 27, 1).slice(2)}`, false],
      [5n, `${signature.slice(0, -2)}${toBeHex(v + 8, 1).slice(2)}`, false],
      [5n, Signature.from(signature).compactSerialized, false],
      [5n, "0x", false],
      [5n, `0x${"11".repeat(65)}`, false],
    ] as const) {
      expect(isVoucherSigned(place, channel, total, bytes), bytes).to.equal(expected);
      expect(await channels.isSigned(channel, total, bytes), bytes).to.equal(expected);
    }
    expect(isVoucherSigned(place, { ...channel, signer: ethers.ZeroAddress }, 5n, signature)).to.equal(false);
  });
});
