import { expect } from "chai";
import { assert, bigInt, property } from "fast-check";
import { hexlify, keccak256 } from "ethers";

import { feeFor } from "../../../workers/sdk/actions/quote-fee.ts";
import {
  type Arguments,
  balanceOf,
  ContractError,
  deposit,
  type Level,
  levelNumber,
  publishModel,
  quoteFee,
  request,
  type RequestParameters,
  withdraw,
  write,
} from "../../../workers/sdk/index.ts";
import { ASK, ETHER, failure, type Market, openMarket, PRICE, ROYALTY, teeOnly } from "./fixture.ts";

const UNKNOWN = keccak256("0x01");

describe("requesting a job", () => {
  let market: Market;
  let unserved: string;
  let deprecated: string;

  before(async () => {
    market = await openMarket();
    const { owner } = market;
    ({ versionId: unserved } = await publishModel(owner, teeOnly(market)));
    ({ versionId: deprecated } = await publishModel(owner, teeOnly(market)));
    await write(owner, { contract: "modelRegistry", functionName: "setDeprecated", args: [deprecated, true] });
  });

  after(() => market.close());

  /** The same request without any check of ours. */
  const sendRaw = (
    { versionId, level }: { versionId: string; level: Level },
    input: Uint8Array,
    change: Partial<Arguments<"market", "request">[0]> = {},
  ) => {
    const terms = { callbackAt: 0n, callbackGas: 0n, minFee: ASK, maxFee: ASK, timeToLive: 3600n, challengeWindow: 0n };
    const wanted = { versionId, level: levelNumber(level), ...terms, copies: 1n, ...change };
    const args = [wanted, hexlify(input)] as const;
    return write(market.requester, { contract: "market", functionName: "request", args, value: ASK });
  };

  interface Refusal {
    readonly what: string;
    readonly change: () => Partial<RequestParameters>;
    readonly code: string;
    readonly raw: Uint8Array;
    readonly chainCode: string;
    readonly chainTerms?: Partial<Arguments<"market", "request">[0]>;
  }
  const byte = Uint8Array.of(1);
  const refusals: readonly Refusal[] = [
    {
      what: "a version that is not there",
      change: () => ({ versionId: UNKNOWN }),
      code: "UNKNOWN_VERSION",
      raw: byte,
      chainCode: "VersionUnknown",
    },
    {
      what: "a version that its owner advises against",
      change: () => ({ versionId: deprecated, level: "Tee" }),
      code: "VERSION_DEPRECATED",
      raw: byte,
      chainCode: "VersionDeprecated",
    },
    {
      what: "a level that the version does not allow",
      change: () => ({ versionId: unserved }),
      code: "LEVEL_NOT_ALLOWED",
      raw: byte,
      chainCode: "LevelNotAllowed",
    },
    {
      what: "a version that nobody serves",
      change: () => ({ versionId: unserved, level: "Tee" }),
      code: "NO_WORKER",
      raw: byte,
      chainCode: "TooFewWorkers",
    },
    {
      what: "too many elements",
      change: () => ({ input: [[1n, 2n]] }),
      code: "TENSOR_LENGTH",
      raw: Uint8Array.of(1, 2),
      chainCode: "InputLength",
    },
    {
      what: "packed bytes of the wrong length",
      change: () => ({ input: new Uint8Array() }),
      code: "TENSOR_LENGTH",
      raw: new Uint8Array(),
      chainCode: "InputLength",
    },
    {
      what: "a value that does not fit its element",
      change: () => ({ input: [[256n]] }),
      code: "TENSOR_RANGE",
      raw: Uint8Array.of(1, 0),
      chainCode: "InputLength",
    },
    {
      what: "a least fee below the royalty",
      change: () => ({ minFee: ROYALTY - 1n }),
      code: "FEE_TOO_LOW",
      raw: byte,
      chainCode: "FeeTooLow",
      chainTerms: { minFee: ROYALTY - 1n },
    },
  ];
  for (const { what, change, code, raw, chainCode, chainTerms } of refusals)
    it(`refuses ${what} before anything is sent (${code}), as the chain would (${chainCode})`, async () => {
      const { requester, versionId } = market;
      const nonce = await requester.signer?.getNonce();
      const wanted = { versionId, level: "Zkml", input: [[1n]], maxFee: ASK, ...change() } as const;
      const early = await failure(request(requester, wanted));
      expect([early.code, early.name === "ContractError"]).to.deep.equal([code, false]);
      const late = await failure(sendRaw(wanted, raw, chainTerms));
      expect(late).to.be.instanceOf(ContractError).and.include({ code: chainCode });
      expect(await requester.signer?.getNonce()).to.equal(nonce);
    });

  it("offers at least what the cheapest worker asks", async () => {
    const { requester, versionId } = market;
    const error = await failure(request(requester, { versionId, level: "Zkml", input: [[1n]], maxFee: ASK - 1n }));
    expect([error.code, error.details]).to.deep.equal(["FEE_TOO_LOW", { had: ASK - 1n, needed: ASK }]);
  });

  it("names the chain's own reason for what only the chain knows", async () => {
    const { requester, versionId, admin } = market;
    const good = { versionId, level: "Zkml", input: [[1n]], maxFee: ASK } as const;
    const fail = (change: Partial<RequestParameters>) => failure(request(requester, { ...good, ...change }));
    expect(await fail({ minFee: ASK + 1n })).to.include({ code: "FeesOutOfOrder" });
    expect(await fail({ callbackGas: 3_000_000n })).to.include({ code: "CallbackGasTooHigh" });
    expect(await fail({ level: "Vanilla", challengeWindow: 1n })).to.include({ code: "ChallengeWindowOutOfRange" });
    expect((await fail({ timeToLive: 1n })).details).to.deep.equal({ had: 1n, min: 121n, max: 604_800n });
    expect(await failure(sendRaw(good, byte, { maxFee: 2n ** 90n }))).to.include({ code: "BalanceTooLow" });
    await write(admin, { contract: "market", functionName: "setPaused", args: [true] });
    const paused = await fail({});
    await write(admin, { contract: "market", functionName: "setPaused", args: [false] });
    expect([paused.code, paused.retryable]).to.deep.equal(["RequestsPaused", true]);
  });

  it("quotes what the cheapest worker asks, and nothing when nobody serves", async () => {
    const { requester, versionId } = market;
    const quote = await quoteFee(requester, { versionId, level: "Tee" });
    expect(quote).to.deep.equal({ cheapest: ASK, royalty: ROYALTY, serving: 1n, isExhaustive: true });
    expect(await quoteFee(requester, { versionId: unserved, level: "Tee" })).to.include({
      cheapest: undefined,
      serving: 0n,
    });
    expect(await failure(quoteFee(requester, { versionId: UNKNOWN, level: "Tee" }))).to.include({
      code: "VersionUnknown",
    });
  });

  it("quotes the least fee for which the market draws the worker", async () => {
    const { requester, versionId, admin, owner } = market;
    const treasury = (await owner.signer?.getAddress()) ?? "";
    const setFee = (basisPoints: bigint) =>
      write(admin, { contract: "market", functionName: "setProtocolFee", args: [basisPoints, treasury] });
    await setFee(333n);
    const { cheapest = 0n } = await quoteFee(requester, { versionId, level: "Zkml" });
    expect(cheapest > ASK).to.equal(true);
    const highestPrice = async (minFee: bigint) =>
      (await request(requester, { versionId, level: "Zkml", input: [[1n]], minFee, maxFee: cheapest })).terms.maxPrice;
    expect(await highestPrice(cheapest)).to.equal(PRICE);
    expect((await highestPrice(cheapest - 1n)) < PRICE).to.equal(true);
    await setFee(0n);
  });

  it("quotes the least fee of which, after royalty and protocol fee, a worker keeps what it asks", () => {
    const amount = bigInt({ min: 0n, max: 1n << 80n });
    const workUnits = bigInt({ min: 1n, max: 1000n });
    const points = bigInt({ min: 0n, max: 500n });
    const quoted = property(amount, amount, workUnits, points, (price, royalty, units, basisPoints) => {
      // The market's own rule: the protocol takes no part of the royalty.
      const kept = (fee: bigint) => {
        const share = (fee * basisPoints) / 10_000n;
        return fee - royalty - (share < fee - royalty ? share : fee - royalty);
      };
      const fee = feeFor(price, { workUnits: units, royalty }, basisPoints);
      expect(kept(fee) >= price * units).to.equal(true);
      expect(fee === royalty || kept(fee - 1n) < price * units).to.equal(true);
    });
    assert(quoted, { examples: [[0n, 1000n, 1n, 500n]] });
  });

  it("spends the prepaid balance first, and gives it back", async () => {
    const { requester } = market;
    const account = (await requester.signer?.getAddress()) ?? "";
    await deposit(requester, { amount: ETHER });
    const before = await balanceOf(requester, { account });
    await market.ask("Vanilla");
    expect(await balanceOf(requester, { account })).to.equal(before - 2n * ASK);
    await withdraw(requester, { amount: before - 2n * ASK });
    expect(await failure(withdraw(requester, { amount: 1n }))).to.include({ code: "BalanceTooLow" });
  });
});
