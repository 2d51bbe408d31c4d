import { expect } from "chai";
import { keccak256 } from "ethers";

import {
  anchorReceipts,
  anchorsOf,
  balanceOf,
  bindingOf,
  challengeReceipt,
  channelsOf,
  closeChannel,
  collectVoucher,
  getChannel,
  getStanding,
  openChannel,
  proofEvidence,
  type Receipt,
  receiptResultDigest,
  reclaimChannel,
  releaseAnchor,
  resolveReceipt,
  showReceipt,
  signVoucher,
  topUpChannel,
  withdraw,
} from "../../../workers/sdk/index.ts";
import { doubling } from "../../contracts/doubling.ts";
import { ETHER, failure, type Market, openMarket } from "./fixture.ts";

describe("business off chain", () => {
  let market: Market;

  before(async () => {
    market = await openMarket();
  });

  after(() => market.close());

  describe("a channel", () => {
    const pay = async (amount: bigint) => {
      const { requester, workerKey: payee, deployment } = market;
      const { channel, channelId } = await openChannel(requester, { payee, amount });
      const { signer } = requester;
      if (signer === undefined) throw new Error("no signer");
      const sign = (total: bigint) => signVoucher(signer, channelsOf(deployment), channel, total);
      return { channel, channelId, sign };
    };

    it("pays its payee by vouchers, and what is left goes back", async () => {
      const { requester, worker, workerKey: account } = market;
      const { channel, channelId, sign } = await pay(ETHER);
      expect(await getChannel(worker, { channel })).to.deep.equal({
        channelId,
        state: "Open",
        deposit: ETHER,
        collected: 0n,
        closesAt: 0n,
      });
      await topUpChannel(requester, { channel, amount: ETHER });
      await collectVoucher(worker, { channel, total: 3n, signature: await sign(3n) });
      expect(await balanceOf(worker, { account, purse: "paymentChannels" })).to.equal(3n);
      const forged = collectVoucher(worker, { channel, total: 4n, signature: await sign(5n) });
      expect(await failure(forged)).to.include({ code: "VoucherNotCollected" });

      await closeChannel(worker, { channel, last: { total: 10n, signature: await sign(10n) } });
      expect(await getChannel(worker, { channel })).to.include({ state: "Closed", deposit: 0n });
      await withdraw(worker, { amount: 10n, purse: "paymentChannels" });
      expect(await balanceOf(worker, { account, purse: "paymentChannels" })).to.equal(0n);
      const payer = (await requester.signer?.getAddress()) ?? "";
      expect(await balanceOf(requester, { account: payer, purse: "paymentChannels" })).to.equal(2n * ETHER - 10n);
    });

    it("is closed by its payee with nothing, or by its payer after the dispute window", async () => {
      const { requester, worker } = market;
      const first = await pay(1n);
      await closeChannel(worker, { channel: first.channel });
      expect(await getChannel(worker, first)).to.include({ state: "Closed" });

      const { channel } = await pay(ETHER);
      expect(await failure(reclaimChannel(worker, { channel }))).to.include({ code: "NotPayer" });
      await reclaimChannel(requester, { channel });
      const early = await failure(reclaimChannel(requester, { channel }));
      expect(early).to.include({ code: "ChannelNotDue", retryable: true });
      await market.passTime((await getChannel(worker, { channel })).closesAt);
      await reclaimChannel(worker, { channel });
      expect(await getChannel(worker, { channel })).to.include({ state: "Closed" });
    });
  });

  describe("anchored receipts", () => {
    const INPUTS = [5, 6, 7];

    const anchor = async () => {
      const { worker, workerId, workerKey, versionId, requester } = market;
      const asker = (await requester.signer?.getAddress()) ?? "";
      const receipts = INPUTS.map((input, index): Receipt => ({
        versionId,
        inputHash: keccak256(Uint8Array.of(input)),
        outputHash: keccak256(Uint8Array.of(2 * input)),
        requester: asker,
        worker: workerKey,
        answeredAt: 1n,
        nonce: BigInt(index),
      }));
      const anchored = await anchorReceipts(worker, { workerId, receipts, uri: "https://example.org/" });
      const at = (index: number) => {
        const receipt = receipts[index];
        if (receipt === undefined) throw new RangeError(`no receipt ${index}`);
        return { anchorId: anchored.anchorId, receipt };
      };
      return { ...anchored, at };
    };

    it("are shown to be right when they are challenged, and let go of the stake", async () => {
      const { requester, worker, workerId, deployment } = market;
      const { anchorId, tree, at } = await anchor();
      expect((await getStanding(requester, { workerId })).reserved).to.satisfy((amount: bigint) => amount > 0n);
      const wrongProof = challengeReceipt(requester, { ...at(1), proof: tree.proofOf(0) });
      expect(await failure(wrongProof)).to.include({ code: "LeafNotInAnchor" });
      await challengeReceipt(requester, { ...at(1), proof: tree.proofOf(1) });
      const early = await failure(resolveReceipt(requester, at(1)));
      expect(early).to.include({ code: "EvidenceNotDue", retryable: true });

      const digest = receiptResultDigest(anchorsOf(deployment), at(1).receipt);
      const proof = await (await doubling()).prove(bindingOf(digest), 6);
      const evidence = proofEvidence(proof, Uint8Array.of(6));
      await showReceipt(worker, { ...at(1), output: Uint8Array.of(12), evidence });
      expect(await failure(releaseAnchor(worker, { anchorId }))).to.include({ code: "AnchorNotDue", retryable: true });
      await market.passTime(BigInt((await market.provider.getBlock("latest"))?.timestamp ?? 0) + 86_400n);
      await releaseAnchor(worker, { anchorId });
      expect((await getStanding(requester, { workerId })).reserved).to.equal(0n);
    });

    it("cost their worker the stake when no evidence comes", async () => {
      const { requester, workerId } = market;
      const { tree, at } = await anchor();
      const { stake } = await getStanding(requester, { workerId });
      await challengeReceipt(requester, { ...at(0), proof: tree.proofOf(0) });
      await market.passTime(BigInt((await market.provider.getBlock("latest"))?.timestamp ?? 0) + 600n);
      await resolveReceipt(market.admin, at(0));
      expect((await getStanding(requester, { workerId })).stake < stake).to.equal(true);
      const account = (await requester.signer?.getAddress()) ?? "";
      expect(await balanceOf(requester, { account, purse: "receiptAnchors" })).to.satisfy((sum: bigint) => sum > 0n);
    });
  });
});
