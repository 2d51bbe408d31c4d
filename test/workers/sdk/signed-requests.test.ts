import { expect } from "chai";
import { ZeroAddress } from "ethers";

import {
  allowConsumer,
  balanceOf,
  cancelSigned,
  type Client,
  createClient,
  deposit,
  getJob,
  read,
  relayRequest,
  requestFrom,
  signedRequestDigest,
  signRequest,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Market, openMarket } from "./fixture.ts";

describe("a request that somebody else sends", () => {
  let market: Market;
  let requester: Client;
  let relayer: Client;
  let payer: string;
  const wanted = () => ({ versionId: market.versionId, level: "Zkml", input: [[21n]], maxFee: ASK }) as const;

  before(async () => {
    market = await openMarket();
    ({ requester, owner: relayer } = market);
    payer = (await requester.signer?.getAddress()) ?? "";
    await deposit(requester, { amount: 10n * ASK });
  });

  after(() => market.close());

  describe("signed", () => {
    it("is the requester's, once, and pays the relayer", async () => {
      const sent = await requester.signer?.getNonce();
      const parcel = await signRequest(requester, { ...wanted(), relayFee: 5n });
      expect(await requester.signer?.getNonce()).to.equal(sent);
      const account = (await relayer.signer?.getAddress()) ?? "";
      const { jobId, terms } = await relayRequest(relayer, parcel);
      expect(terms).to.include({ requester: payer, consumer: ZeroAddress, level: "Zkml" });
      expect(await balanceOf(relayer, { account })).to.equal(5n);
      expect(await getJob(requester, { jobId })).to.deep.include({ state: "Requested", input: Uint8Array.of(21) });
      expect(await failure(relayRequest(relayer, parcel))).to.include({ code: "NonceUsed" });
    });

    it("has the digest that the market computes", async () => {
      const { signed } = await signRequest(requester, { ...wanted(), nonce: 7n, validUntil: 2n ** 40n - 1n });
      const onChain = await read(relayer, { contract: "market", functionName: "signedRequestDigest", args: [signed] });
      expect(signedRequestDigest(market.deployment, signed)).to.equal(onChain);
      expect(signed).to.include({ nonce: 7n, validUntil: 2n ** 40n - 1n, relayFee: 0n, requester: payer });
    });

    it("counts for nothing when it was cancelled, changed or is too old", async () => {
      const parcel = await signRequest(requester, wanted());
      const richer = { ...parcel, signed: { ...parcel.signed, relayFee: 1n } };
      expect(await failure(relayRequest(relayer, richer))).to.include({ code: "SignatureRefused" });
      const other = { ...parcel, input: Uint8Array.of(22) };
      expect(await failure(relayRequest(relayer, other))).to.include({ code: "InputHashMismatch" });
      const old = await signRequest(requester, { ...wanted(), validUntil: 1n });
      expect(await failure(relayRequest(relayer, old))).to.include({ code: "SignedRequestExpired" });
      const lost = await signRequest(requester, { ...wanted(), callbackGas: 1n });
      expect(await failure(relayRequest(relayer, lost))).to.include({ code: "CallbackWithoutConsumer" });
      const { nonce } = parcel.signed;
      await cancelSigned(requester, { nonces: [nonce] });
      expect(await failure(relayRequest(relayer, parcel))).to.include({ code: "NonceUsed" });
    });

    it("needs a signer, and one who consents", async () => {
      const reader = await createClient({ provider: market.provider, deployment: market.deployment });
      expect(await failure(signRequest(reader, wanted()))).to.include({ code: "SIGNER_MISSING" });
      const { signer } = requester;
      if (signer === undefined) throw new Error("no signer");
      const refusing = Object.assign(Object.create(signer) as typeof signer, {
        signTypedData: () => Promise.reject(Object.assign(new Error("no"), { code: "ACTION_REJECTED" })),
      });
      const unwilling = { ...requester, signer: refusing };
      expect(await failure(signRequest(unwilling, wanted()))).to.include({ code: "SIGNATURE_REJECTED" });
    });
  });

  describe("from an account that allows it", () => {
    it("is paid by that account, up to what it allowed", async () => {
      const consumer = (await relayer.signer?.getAddress()) ?? "";
      const ask = () => requestFrom(relayer, { payer, ...wanted(), callbackGas: 30_000n });
      expect(await failure(ask())).to.include({ code: "AllowanceTooLow" });
      await allowConsumer(requester, { consumer, amount: ASK });
      const { terms } = await ask();
      expect(terms).to.include({ requester: payer, consumer, callbackGas: 30_000n });
      expect((await failure(ask())).details).to.deep.equal({ account: payer, consumer, had: 0n, needed: ASK });
      await allowConsumer(requester, { consumer });
      await ask();
      await ask();
    });
  });
});
