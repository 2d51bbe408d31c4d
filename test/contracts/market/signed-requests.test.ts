import { expect } from "chai";
import fc from "fast-check";
import { type BigNumberish, type HDNodeWallet, keccak256, Signature, toBeHex, TypedDataEncoder, Wallet } from "ethers";

import type {
  RequestStruct,
  SignedRequestStruct,
} from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import {
  deployed,
  ETHER,
  ethers,
  expectSolvent,
  lastJob,
  MAX_FEE,
  MIN_FEE,
  networkHelpers,
  paying,
  requestOf,
  served,
  servedIn,
} from "../fixture.ts";

/** The order of `Mood` in SignerWallet.sol. */
const MOOD = { Honest: 0, Reverting: 1, Burning: 2, Bombing: 3, Stuttering: 4, Dirty: 5, Thorough: 6 } as const;
const RELAY_FEE = 11n;
const INPUT = "0x03";
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const ORDER = 2n * HALF_ORDER + 1n;

const TYPES = {
  SignedRequest: [
    { name: "request", type: "Request" },
    { name: "inputHash", type: "bytes32" },
    { name: "requester", type: "address" },
    { name: "consumer", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "validUntil", type: "uint40" },
    { name: "relayFee", type: "uint96" },
  ],
  Request: [
    { name: "versionId", type: "bytes32" },
    { name: "level", type: "uint8" },
    { name: "callbackAt", type: "uint8" },
    { name: "callbackGas", type: "uint32" },
    { name: "minFee", type: "uint96" },
    { name: "maxFee", type: "uint96" },
    { name: "timeToLive", type: "uint32" },
    { name: "challengeWindow", type: "uint32" },
    { name: "copies", type: "uint8" },
  ],
};

type Base = Awaited<ReturnType<typeof base>>;
type Signed = SignedRequestStruct & { readonly requester: string; readonly nonce: BigNumberish };

/** A key of its own as the requester, with money, and a stranger who relays. */
async function base() {
  return funded(await served());
}

async function inToken() {
  return funded(await servedIn("PermitToken"));
}

async function funded<T extends Awaited<ReturnType<typeof served>>>(from: T) {
  const key = new Wallet(keccak256("0x05"));
  await from.market.deposit(key, ETHER, await paying(from.market, ETHER));
  return { ...from, key };
}

const load = () => networkHelpers.loadFixture(base);

async function domainOf({ market }: Pick<Base, "market">) {
  const { chainId } = await ethers.provider.getNetwork();
  return { name: "Assay", version: "1", chainId, verifyingContract: await market.getAddress() };
}

async function signedOf(
  { versionId, key }: Pick<Base, "versionId" | "key">,
  overrides: Partial<Signed> = {},
  request: Partial<RequestStruct> = {},
): Promise<Signed> {
  return {
    request: requestOf(versionId, request),
    inputHash: keccak256(INPUT),
    requester: key.address,
    consumer: ethers.ZeroAddress,
    nonce: 0n,
    validUntil: (await networkHelpers.time.latest()) + 1_000,
    relayFee: RELAY_FEE,
    ...overrides,
  };
}

async function signatureOf(
  from: Pick<Base, "market" | "key">,
  signed: Signed,
  key: Wallet | HDNodeWallet = from.key,
): Promise<string> {
  return key.signTypedData(await domainOf(from), TYPES, signed);
}

/** The account that owns a contract wallet with money in the market. */
async function walletOf({ market, key }: Pick<Base, "market" | "key">) {
  const wallet = await ethers.deployContract("SignerWallet", [key]);
  await market.deposit(wallet, ETHER, { value: ETHER });
  return wallet;
}

describe("a signed request", function () {
  this.timeout(60_000);

  it("has the digest that EIP-712 libraries give it", async () => {
    const from = await load();
    const signed = await signedOf(
      from,
      { consumer: from.stranger.address, nonce: ethers.MaxUint256 },
      { level: 2, callbackAt: 1, callbackGas: 7n, challengeWindow: 301n },
    );
    expect(await from.market.signedRequestDigest(signed)).to.equal(
      TypedDataEncoder.hash(await domainOf(from), TYPES, signed),
    );
  });

  for (const [currency, fixture] of [["the native coin", base] as const, ["an ERC-20", inToken] as const])
    it(`is sent by anyone, for the relay fee, in ${currency}`, async () => {
      const from = await networkHelpers.loadFixture<Base>(fixture);
      const { market, stranger, key } = from;
      const signed = await signedOf(from);
      await expect(market.connect(stranger).requestSigned(signed, INPUT, await signatureOf(from, signed)))
        .to.emit(market, "SignedRequestUsed")
        .withArgs(key.address, 0n, (id: string) => id.length === 66, stranger.address);
      const { job, terms } = await lastJob(from);
      expect([terms.requester, terms.consumer, terms.nonce]).to.deep.equal([key.address, ethers.ZeroAddress, 0n]);
      expect(await market.balanceOf(stranger)).to.equal(RELAY_FEE);
      expect(await market.balanceOf(key)).to.equal(ETHER - MAX_FEE - RELAY_FEE);
      expect(await market.isNonceUsed(key, 0n)).to.equal(true);

      const free = await signedOf(from, { relayFee: 0n, nonce: 1n });
      await market.connect(from.requester).requestSigned(free, INPUT, await signatureOf(from, free));
      const next = await lastJob(from);
      expect(await market.balanceOf(key)).to.equal(ETHER - 2n * MAX_FEE - RELAY_FEE);
      expect(next.terms.nonce).to.equal(1n);
      await expectSolvent(from, [job, next.job], [key.address]);
    });

  it("counts once", async () => {
    const from = await load();
    const signed = await signedOf(from, { nonce: 300n });
    const signature = await signatureOf(from, signed);
    await from.market.requestSigned(signed, INPUT, signature);
    await expect(from.market.requestSigned(signed, INPUT, signature))
      .to.be.revertedWithCustomError(from.market, "NonceUsed")
      .withArgs(from.key.address, 300n);
  });

  it("can be cancelled by its requester, before it is sent", async () => {
    const from = await load();
    const { market, requester } = from;
    await expect(market.connect(requester).cancelSigned([5n, 6n, 5n]))
      .to.emit(market, "SignedRequestCancelled")
      .withArgs(requester.address, 5n)
      .and.to.emit(market, "SignedRequestCancelled")
      .withArgs(requester.address, 6n);
    const again = await market.connect(requester).cancelSigned([6n]);
    expect((await again.wait())?.logs).to.deep.equal([]);
    const signed = await signedOf(from, { requester: requester.address, nonce: 6n });
    const signature = await requester.signTypedData(await domainOf(from), TYPES, signed);
    await expect(market.requestSigned(signed, INPUT, signature)).to.be.revertedWithCustomError(market, "NonceUsed");
    expect(await market.isNonceUsed(from.key, 6n)).to.equal(false);
  });

  it("may be sent in its last second, and not after it", async () => {
    const from = await load();
    const signed = await signedOf(from);
    const signature = await signatureOf(from, signed);
    const snapshot = await networkHelpers.takeSnapshot();
    await networkHelpers.time.setNextBlockTimestamp(Number(signed.validUntil));
    await from.market.requestSigned(signed, INPUT, signature);
    await snapshot.restore();
    await networkHelpers.time.setNextBlockTimestamp(Number(signed.validUntil) + 1);
    await expect(from.market.requestSigned(signed, INPUT, signature))
      .to.be.revertedWithCustomError(from.market, "SignedRequestExpired")
      .withArgs(signed.validUntil);
  });

  it("is for one input", async () => {
    const from = await load();
    const signed = await signedOf(from);
    await expect(from.market.requestSigned(signed, "0x04", await signatureOf(from, signed)))
      .to.be.revertedWithCustomError(from.market, "InputHashMismatch")
      .withArgs(keccak256("0x04"), keccak256(INPUT));
  });

  it("names who is called back, if anyone is to be", async () => {
    const from = await load();
    const { market, stranger } = from;
    const nobody = await signedOf(from, {}, { callbackGas: 1n });
    await expect(market.requestSigned(nobody, INPUT, await signatureOf(from, nobody))).to.be.revertedWithCustomError(
      market,
      "CallbackWithoutConsumer",
    );
    const signed = await signedOf(from, { consumer: stranger.address }, { callbackGas: 1n });
    await market.requestSigned(signed, INPUT, await signatureOf(from, signed));
    expect((await lastJob(from)).terms.consumer).to.equal(stranger.address);
  });

  it("is refused by another requester's key, with another field, on another market and on another chain", async () => {
    const from = await load();
    const { market } = from;
    const signed = await signedOf(from);
    const domain = await domainOf(from);
    const { key } = from;
    const refused = async (at: typeof market, asked: Signed, signature: string) =>
      expect(at.requestSigned(asked, INPUT, signature))
        .to.be.revertedWithCustomError(market, "SignatureRefused")
        .withArgs(asked.requester);
    await refused(market, signed, await signatureOf(from, signed, new Wallet(keccak256("0x06"))));
    await refused(market, { ...signed, relayFee: RELAY_FEE + 1n }, await signatureOf(from, signed));
    await refused(market, signed, "0x");
    await refused(market, signed, await key.signTypedData({ ...domain, chainId: 1n }, TYPES, signed));
    const other = await deployed();
    await refused(other.market, signed, await signatureOf(from, signed));
  });

  it("is refused in another form of its signature", async () => {
    const from = await load();
    const signed = await signedOf(from);
    const { r, s, v } = Signature.from(await signatureOf(from, signed));
    const mirrored = ethers.concat([r, toBeHex(ORDER - BigInt(s), 32), toBeHex(v === 27 ? 28 : 27, 1)]);
    await expect(from.market.requestSigned(signed, INPUT, mirrored)).to.be.revertedWithCustomError(
      from.market,
      "SignatureRefused",
    );
    await from.market.requestSigned(signed, INPUT, ethers.concat([r, s, toBeHex(v, 1)]));
  });

  it("uses nothing up if the account cannot pay, or requests are paused", async () => {
    const from = await load();
    const { market, admin, key } = from;
    for (const relayFee of [ETHER + 1n, ETHER - MAX_FEE + 1n]) {
      const signed = await signedOf(from, { relayFee });
      await expect(market.requestSigned(signed, INPUT, await signatureOf(from, signed))).to.be.revertedWithCustomError(
        market,
        "BalanceTooLow",
      );
    }
    const signed = await signedOf(from);
    const signature = await signatureOf(from, signed);
    await market.connect(admin).setPaused(true);
    await expect(market.requestSigned(signed, INPUT, signature)).to.be.revertedWithCustomError(
      market,
      "RequestsPaused",
    );
    await market.connect(admin).setPaused(false);
    expect(await market.isNonceUsed(key, 0n)).to.equal(false);
    await market.requestSigned(signed, INPUT, signature);
  });
});

describe("a signed request of a contract", function () {
  this.timeout(60_000);

  it("is checked by the contract", async () => {
    const from = await load();
    const wallet = await walletOf(from);
    const signed = await signedOf(from, { requester: await wallet.getAddress() }, { maxFee: MIN_FEE });
    const signature = await signatureOf(from, signed);
    await from.market.requestSigned(signed, INPUT, signature);
    const { terms } = await lastJob(from);
    expect(terms.requester).to.equal(await wallet.getAddress());
    await expect(from.market.requestSigned(signed, INPUT, signature)).to.be.revertedWithCustomError(
      from.market,
      "NonceUsed",
    );
    const foreign = { ...signed, nonce: 1n };
    await expect(
      from.market.requestSigned(foreign, INPUT, await signatureOf(from, foreign, new Wallet(keccak256("0x06")))),
    ).to.be.revertedWithCustomError(from.market, "SignatureRefused");
  });

  for (const mood of ["Reverting", "Burning", "Bombing", "Stuttering", "Dirty"] as const)
    it(`is refused if the contract is ${mood.toLowerCase()}, at a limited cost`, async () => {
      const from = await load();
      const wallet = await walletOf(from);
      await wallet.getFunction("setMood")(MOOD[mood]);
      const signed = await signedOf(from, { requester: await wallet.getAddress() });
      const signature = await signatureOf(from, signed);
      await expect(from.market.requestSigned(signed, INPUT, signature, { gasLimit: 700_000n }))
        .to.be.revertedWithCustomError(from.market, "SignatureRefused")
        .withArgs(await wallet.getAddress());
      expect(await from.market.isNonceUsed(wallet, 0n)).to.equal(false);
    });

  it("may be as costly to check as a passkey without a precompile", async () => {
    const from = await load();
    const wallet = await walletOf(from);
    await wallet.getFunction("setMood")(MOOD.Thorough);
    const signed = await signedOf(from, { requester: await wallet.getAddress() });
    await from.market.requestSigned(signed, INPUT, await signatureOf(from, signed));
    expect(await from.market.isNonceUsed(wallet, 0n)).to.equal(true);
  });

  it("counts with the key's signature too, if a key delegated to the code", async () => {
    const from = await load();
    const { market, key, stranger } = from;
    const wallet = await ethers.deployContract("SignerWallet", [stranger]);
    await networkHelpers.setCode(key.address, await ethers.provider.getCode(wallet));
    const signed = await signedOf(from);
    await market.requestSigned(signed, INPUT, await signatureOf(from, signed));
    const byOwner = await signedOf(from, { nonce: 1n });
    await market.requestSigned(byOwner, INPUT, await stranger.signTypedData(await domainOf(from), TYPES, byOwner));
    expect(await market.nonceOf(key)).to.equal(2n);
  });
});

describe("nonces of signed requests", function () {
  this.timeout(60_000);

  it("count once each, in any order, sent or cancelled", async () => {
    const from = await load();
    const { market, requester } = from;
    const domain = await domainOf(from);
    const nonce = fc.oneof(
      fc.nat({ max: 3 }).map(BigInt),
      fc.constantFrom(255n, 256n, 511n, 2n ** 255n, ethers.MaxUint256),
    );
    const action = fc.record({ nonce, cancels: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 8 }), async (actions) => {
        const snapshot = await networkHelpers.takeSnapshot();
        const used = new Set<bigint>();
        for (const { nonce: chosen, cancels } of actions) {
          if (cancels) await market.connect(requester).cancelSigned([chosen]);
          else {
            const signed = await signedOf(from, { requester: requester.address, nonce: chosen, relayFee: 0n });
            const signature = await requester.signTypedData(domain, TYPES, signed);
            const sending = market.requestSigned(signed, INPUT, signature);
            if (used.has(chosen)) await expect(sending).to.be.revertedWithCustomError(market, "NonceUsed");
            else await sending;
          }
          used.add(chosen);
          for (const other of [0n, 1n, 2n, 3n, 255n, 256n, 511n, 2n ** 255n, ethers.MaxUint256])
            expect(await market.isNonceUsed(requester, other)).to.equal(used.has(other));
        }
        await snapshot.restore();
      }),
      { numRuns: 12, seed: 4 },
    );
  });
});
