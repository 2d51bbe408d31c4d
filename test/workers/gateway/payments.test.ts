import { join } from "node:path";

import { PaymentRequiredV2Schema } from "@x402/core/schemas";
import { expect } from "chai";
import { hexlify, parseEther } from "ethers";

import type { RunningGateway } from "../../../workers/gateway/index.ts";
import { signAuthorization } from "../../../workers/sdk/gateway/authorization.ts";
import {
  decodeHeader,
  encodeHeader,
  PAYMENT_REQUIRED,
  PAYMENT_SIGNATURE,
} from "../../../workers/sdk/gateway/header.ts";
import {
  type Channel,
  closeChannel,
  collectVoucher,
  reclaimChannel,
  signVoucher,
  topUpChannel,
} from "../../../workers/sdk/index.ts";
import { channelsOf } from "../../../workers/sdk/places.ts";
import {
  type GatewayMarket,
  openGatewayMarket,
  PAYER,
  post,
  PRICE,
  STRANGER,
  TOKEN_PRICE,
  voucherHeader,
  WORKER,
} from "./gateway-fixture.ts";

describe("a gateway's payments", function () {
  this.timeout(120_000);
  let market: GatewayMarket;
  let gateway: RunningGateway;

  before(async () => {
    market = await openGatewayMarket();
    gateway = await market.start();
  });
  after(() => market.close());

  const asked = (more: object = {}) => ({ versionId: market.chain.classifierId, input: market.packed, ...more });
  const pay = async (channel: Channel, total: bigint, more: Parameters<typeof voucherHeader>[4] = {}, by = PAYER) =>
    voucherHeader(market.requester, market.chain.wallet(by), channel, total, more);
  const codeOf = ({ status, body }: Awaited<ReturnType<typeof post>>) => `${status} ${String(body["code"])}`;

  it("are asked for in the words of x402", async () => {
    const { status, headers, body } = await post(gateway, asked());
    expect(`${status} ${String(body["code"])}`).to.equal("402 PAYMENT_REQUIRED");
    const required = PaymentRequiredV2Schema.parse(decodeHeader(headers.get(PAYMENT_REQUIRED) ?? ""));
    expect(required.resource.url).to.equal(`${gateway.url}/v1/infer`);
    expect(required.accepts.map(({ scheme, amount }) => [scheme, amount])).to.deep.equal([
      ["assay-channel", String(PRICE)],
      ["exact", String(TOKEN_PRICE)],
    ]);
  });

  it("buy one answer each: the same request gets it again, another one is refused", async () => {
    const channel = await market.open(parseEther("1"));
    const header = await pay(channel, PRICE);
    const first = await post(gateway, asked(), header);
    expect(first.status).to.equal(200);
    const again = await post(gateway, asked(), header);
    expect(again.body).to.deep.equal(first.body);
    const other = await post(gateway, asked({ level: "Zkml" }), header);
    expect(codeOf(other)).to.equal("402 PAYMENT_USED");
  });

  it("must rise: vouchers out of order, too low or replayed buy nothing", async () => {
    const channel = await market.open(parseEther("1"));
    expect((await post(gateway, asked(), await pay(channel, 2n * PRICE))).status).to.equal(200);
    const lower = await post(gateway, asked(), await pay(channel, PRICE));
    expect(codeOf(lower)).to.equal("402 VOUCHER_SPENT");
    // The payer is one price ahead, so the least total above the last one pays.
    expect(lower.body["details"]).to.include({ needed: String(2n * PRICE + 1n) });
    expect((await post(gateway, asked(), await pay(channel, 2n * PRICE + 1n))).status).to.equal(200);
    const poor = await post(gateway, asked(), await pay(channel, 3n * PRICE - 1n));
    expect(codeOf(poor)).to.equal("402 VOUCHER_SPENT");
    expect(poor.body["details"]).to.include({ needed: String(3n * PRICE) });
  });

  it("are counted once when they come at the same time", async () => {
    const channel = await market.open(parseEther("1"));
    const headers = await Promise.all([1n, 2n, 3n].map((times) => pay(channel, times * PRICE)));
    const twice = [...headers, ...headers];
    const answers = await Promise.all(
      twice.map((header, index) => post(gateway, asked({ requester: market.chain.wallet(index).address }), header)),
    );
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).to.be.within(1, 3);
    expect(new Set(given.map(({ body }) => body["id"])).size).to.equal(given.length);
    for (const answer of answers)
      expect(codeOf(answer)).to.be.oneOf([
        "200 undefined",
        "402 VOUCHER_SPENT",
        "402 PAYMENT_USED",
        "409 PAYMENT_IN_USE",
      ]);
  });

  it("are refused from channels that pay others, are unknown, too low, closing or closed", async () => {
    const { chain, requester } = market;
    const others = await market.open(parseEther("1"), chain.wallet(STRANGER).address);
    const toUs = { payTo: chain.wallet(WORKER).address };
    expect(codeOf(await post(gateway, asked(), await pay(others, PRICE, { accepted: toUs })))).to.equal(
      "402 CHANNEL_OF_ANOTHER",
    );
    const channel = await market.open(PRICE);
    const unknown = { ...channel, salt: hexlify(new Uint8Array(32).fill(7)) };
    expect(codeOf(await post(gateway, asked(), await pay(unknown, PRICE)))).to.equal("402 CHANNEL_NOT_OPEN");
    expect(codeOf(await post(gateway, asked(), await pay(channel, 2n * PRICE)))).to.equal("402 DEPOSIT_TOO_LOW");
    await topUpChannel(requester, { channel, amount: PRICE });
    expect((await post(gateway, asked(), await pay(channel, 2n * PRICE))).status).to.equal(200);
    await reclaimChannel(requester, { channel });
    expect(codeOf(await post(gateway, asked(), await pay(channel, 2n * PRICE + 1n)))).to.equal("402 CHANNEL_NOT_OPEN");
    const closed = await market.open(parseEther("1"));
    await closeChannel(await chain.clientOf(WORKER), { channel: closed });
    expect(codeOf(await post(gateway, asked(), await pay(closed, PRICE)))).to.equal("402 CHANNEL_NOT_OPEN");
  });

  it("are refused if the channel's key did not sign them as the chain takes it", async () => {
    const channel = await market.open(parseEther("1"));
    expect(codeOf(await post(gateway, asked(), await pay(channel, PRICE, {}, STRANGER)))).to.equal(
      "402 VOUCHER_UNSIGNED",
    );
    const place = channelsOf(market.deployment);
    const signature = await signVoucher(market.chain.wallet(PAYER), place, channel, PRICE);
    // A library may take 0 and 1 for 27 and 28, the chain does not: such a voucher could never be collected.
    const v = signature.endsWith("1b") ? "00" : "01";
    const uncollectable = { payload: { signature: signature.slice(0, -2) + v } };
    expect(codeOf(await post(gateway, asked(), await pay(channel, PRICE, uncollectable)))).to.equal(
      "402 VOUCHER_UNSIGNED",
    );
    const raised = { payload: { total: String(5n * PRICE) } };
    expect(codeOf(await post(gateway, asked(), await pay(channel, PRICE, raised)))).to.equal("402 VOUCHER_UNSIGNED");
  });

  it("are held to the terms that they were asked for on", async () => {
    const channel = await market.open(parseEther("1"));
    for (const accepted of [
      { amount: "1" },
      { network: "eip155:1" },
      { asset: market.token.asset },
      { scheme: "upto" },
    ])
      expect(codeOf(await post(gateway, asked(), await pay(channel, PRICE, { accepted })))).to.equal(
        "402 PAYMENT_NOT_ACCEPTED",
      );
  });

  it("that are none are told what is wrong with them", async () => {
    const channel = await market.open(parseEther("1"));
    for (const header of ["", "not base64!", encodeHeader({}), encodeHeader({ x402Version: 1 }), "e30=".repeat(100)])
      expect((await post(gateway, asked(), { [PAYMENT_SIGNATURE]: header })).body["code"], header).to.equal(
        "PAYMENT_MALFORMED",
      );
    for (const payload of [
      { total: "-1" },
      { total: "1e3" },
      { total: String(1n << 128n) },
      { signature: "0x" },
      { channel: {} },
      { more: 1 },
    ])
      expect(codeOf(await post(gateway, asked(), await pay(channel, PRICE, { payload })))).to.equal(
        "400 PAYMENT_MALFORMED",
      );
  });

  it("do not count again for what somebody else collected for the same payee", async () => {
    const channel = await market.open(parseEther("1"));
    const place = channelsOf(market.deployment);
    const total = 5n * PRICE;
    const signature = await signVoucher(market.chain.wallet(PAYER), place, channel, total);
    await collectVoucher(market.requester, { channel, total, signature });
    const refused = await post(gateway, asked(), await pay(channel, total));
    expect(codeOf(refused)).to.equal("402 VOUCHER_SPENT");
    expect(refused.body["details"]).to.include({ needed: String(6n * PRICE) });
  });

  it("cost nothing when the answer cannot be made", async () => {
    const channel = await market.open(parseEther("1"));
    const header = await pay(channel, PRICE);
    expect(codeOf(await post(gateway, asked({ input: "0x01" }), header))).to.equal("422 TENSOR_LENGTH");
    expect((await post(gateway, asked(), header)).status).to.equal(200);
  });

  it("are remembered over a restart", async () => {
    const channel = await market.open(parseEther("1"));
    const directory = join(market.chain.directory, "restarted");
    const before = await market.start({ directory });
    const header = await pay(channel, PRICE);
    const { body } = await post(before, asked(), header);
    await before.stop();
    const after = await market.start({ directory });
    expect((await post(after, asked(), header)).body).to.deep.equal(body);
    expect(codeOf(await post(after, asked({ level: "Zkml" }), header))).to.equal("402 PAYMENT_USED");
    expect((await post(after, asked(), await pay(channel, 2n * PRICE))).status).to.equal(200);
    await after.stop();
  });

  describe("by authorized transfers", () => {
    const NOW = () => BigInt(Math.floor(Date.now() / 1000));
    const header = async (changes: Record<string, unknown> = {}, signer = PAYER) => {
      const { token, deployment, payTo, chain } = market;
      const { chainId } = deployment;
      const nonce = hexlify(crypto.getRandomValues(new Uint8Array(32)));
      const from = chain.wallet(PAYER).address;
      const times = { validAfter: 0n, validBefore: NOW() + 600n };
      const authorization = { from, to: payTo, value: TOKEN_PRICE, ...times, nonce, ...changes };
      const domain = { chainId, asset: token.asset, name: "Authorizing Dollar", version: "2" };
      const signature = await signAuthorization(chain.wallet(signer), domain, authorization);
      const accepted = {
        scheme: "exact",
        network: `eip155:${chainId}`,
        amount: String(TOKEN_PRICE),
        asset: token.asset,
        payTo,
        maxTimeoutSeconds: 600,
        extra: { name: domain.name, version: domain.version },
      };
      const { value, validAfter, validBefore, ...named } = authorization;
      const told = { ...named, value: String(value), validAfter: String(validAfter), validBefore: String(validBefore) };
      return {
        [PAYMENT_SIGNATURE]: encodeHeader({ x402Version: 2, accepted, payload: { signature, authorization: told } }),
      };
    };

    it("move the token once, and buy one answer", async () => {
      const { token, payTo } = market;
      const before = await token.balanceOf(payTo);
      const payment = await header();
      const first = await post(gateway, asked(), payment);
      expect(first.status).to.equal(200);
      expect(decodeHeader(first.headers.get("payment-response") ?? "")).to.include({ success: true });
      expect((await post(gateway, asked(), payment)).body).to.deep.equal(first.body);
      expect(codeOf(await post(gateway, asked({ level: "Zkml" }), payment))).to.equal("402 PAYMENT_USED");
      expect((await token.balanceOf(payTo)) - before).to.equal(TOKEN_PRICE);
    });

    it("are refused for another payee, amount, time or signer, and without funds", async () => {
      const poor = market.chain.wallet(STRANGER).address;
      const bad: readonly [Record<string, unknown>, number?][] = [
        [{ to: poor }],
        [{ value: TOKEN_PRICE - 1n }],
        [{ value: TOKEN_PRICE + 1n }],
        [{ validAfter: NOW() + 3600n }],
        [{ validBefore: NOW() + 5n }],
        [{}, STRANGER],
        [{ from: poor }, STRANGER],
      ];
      for (const [changes, signer] of bad)
        expect(codeOf(await post(gateway, asked(), await header(changes, signer)))).to.equal(
          "402 AUTHORIZATION_INVALID",
        );
    });

    it("are refused once the token knows that they are used, whatever a ledger knows", async () => {
      const spent = await header();
      expect((await post(gateway, asked(), spent)).status).to.equal(200);
      const fresh = await market.start({ directory: join(market.chain.directory, "forgetful") });
      expect(codeOf(await post(fresh, asked(), spent))).to.equal("402 AUTHORIZATION_INVALID");
      await fresh.stop();
    });
  });

  describe("and requests", () => {
    it("that are malformed or huge are refused before anything else", async () => {
      const send = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
        fetch(`${gateway.url}/v1/infer`, { method: "POST", body, headers });
      expect((await send("{")).status).to.equal(400);
      expect((await send("[]")).status).to.equal(400);
      expect((await send("{}", { "content-type": "application/xml" })).status).to.equal(415);
      expect((await send(`{"input":"0x${"00".repeat(5 * 2 ** 20)}"}`)).status).to.equal(413);
      for (const changes of [
        { versionId: "0x12" },
        { level: "Best" },
        { input: "zz" },
        { call: { caller: "0x" } },
        { more: true },
      ])
        expect(codeOf(await post(gateway, { ...asked(), ...changes }))).to.equal("400 REQUEST_INVALID");
      expect(codeOf(await post(gateway, asked({ versionId: `0x${"00".repeat(32)}` })))).to.equal("404 NOT_OFFERED");
    });

    it("beyond the rate are refused, each address by itself", async () => {
      const slow = await market.start({
        directory: join(market.chain.directory, "slow"),
        rate: { max: 2, seconds: 3600 },
      });
      const codes = [];
      for (let count = 0; count < 3; count++) codes.push(codeOf(await post(slow, asked())));
      await slow.stop();
      expect(codes).to.deep.equal(["402 PAYMENT_REQUIRED", "402 PAYMENT_REQUIRED", "429 RATE_LIMITED"]);
    });

    it("that find a full queue are told to come again, and cost nothing", async () => {
      const full = await market.start({ directory: join(market.chain.directory, "full"), queue: 0 });
      const channel = await market.open(parseEther("1"));
      const header = await pay(channel, PRICE);
      const { status, body } = await post(full, asked(), header);
      await full.stop();
      expect(`${status} ${String(body["code"])} ${String(body["retryable"])}`).to.equal("503 GATEWAY_BUSY true");
      expect((await post(gateway, asked(), header)).status).to.equal(200);
    });
  });

  it("need a configuration that cannot lose them", async () => {
    const codeAt = (changes: Parameters<GatewayMarket["start"]>[0]) =>
      market.start({ directory: join(market.chain.directory, "none"), ...changes }).then(
        () => "started",
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await codeAt({ signer: market.chain.wallet(STRANGER) })).to.equal("CONFIG_INVALID");
    expect(await codeAt({ upkeep: { every: 86_400 } })).to.equal("CONFIG_INVALID");
    expect(await codeAt({ offers: [{ versionId: `0x${"00".repeat(32)}`, level: "Zkml", price: 1n }] })).to.equal(
      "CONFIG_INVALID",
    );
    expect(await codeAt({ offers: [{ versionId: market.chain.regressorId, level: "Zkml", price: 1n }] })).to.equal(
      "CONFIG_INVALID",
    );
    const directory = join(market.chain.directory, "gateway");
    expect(await codeAt({ directory, payee: market.chain.wallet(STRANGER).address })).to.equal("LEDGER_OTHER_GATEWAY");
  });
});
