import { expect } from "chai";
import { Contract, parseEther } from "ethers";

import {
  balanceOf,
  challenge,
  type Client,
  deposit,
  execute,
  getCurrency,
  getStanding,
  openChannel,
  settle,
  getJob,
  tokenOf,
  withdraw,
  withdrawEarnings,
} from "../../../workers/sdk/index.ts";
import { ASK, failure, type Market, openMarket, ROYALTY } from "./fixture.ts";

const ANSWER = Uint8Array.of(42);

for (const [name, symbol, transactions] of [
  ["PermitToken", "PERMIT", 1],
  ["FalseToken", "XUSD", 2],
] as const)
  describe(`a market in an ERC-20 (${name})`, function () {
    this.timeout(60_000);
    let market: Market;
    let requester: Client;
    let account: string;
    let token: Contract;

    before(async () => {
      market = await openMarket(name);
      ({ requester } = market);
      account = (await requester.signer?.getAddress()) ?? "";
      const abi = ["function balanceOf(address) view returns (uint256)"];
      token = new Contract((await tokenOf(requester)) ?? "", abi, market.provider);
    });

    after(() => market.close());

    const holds = async (holder: string): Promise<bigint> =>
      BigInt(String(await token.getFunction("balanceOf")(holder)));

    it("tells its currency", async () => {
      const { token: address, ...rest } = await getCurrency(requester);
      expect(address).to.equal(await token.getAddress());
      expect(rest).to.deep.equal({ symbol, decimals: 18 });
    });

    it(`takes a deposit with ${transactions === 1 ? "a permit" : "an approval"} when none is there`, async () => {
      const [nonce, had] = [await requester.signer?.getNonce(), await holds(account)];
      await deposit(requester, { amount: 7n });
      expect((await requester.signer?.getNonce()) ?? 0).to.equal((nonce ?? 0) + transactions);
      expect([await holds(account), await balanceOf(requester, { account })]).to.deep.equal([had - 7n, 7n]);
      await withdraw(requester, { amount: 7n });
      expect(await holds(account)).to.equal(had);
    });

    it("pays requests, bonds and earnings in it", async () => {
      const { jobId, job } = await market.ask("Vanilla");
      await execute(market.worker, { job, output: ANSWER });
      await market.passTime((await getJob(requester, { jobId })).status.dueAt);
      await settle(market.worker, { job });
      const { workerId, operator } = market;
      expect(await getStanding(requester, { workerId })).to.include({ earned: ASK - ROYALTY });
      const to = "0x00000000000000000000000000000000000000bb";
      await withdrawEarnings(operator, { workerId, to });
      expect(await holds(to)).to.equal(ASK - ROYALTY);

      const second = await market.ask("Vanilla");
      await execute(market.worker, { job: second.job, output: ANSWER });
      await challenge(market.owner, { job: second.job });
      expect(await getJob(requester, { jobId: second.jobId })).to.include({ state: "Challenged" });
    });

    it("fills channels with it", async () => {
      const had = await holds(market.deployment.paymentChannels);
      await openChannel(requester, { payee: market.workerKey, amount: parseEther("1") });
      expect(await holds(market.deployment.paymentChannels)).to.equal(had + parseEther("1"));
    });

    it("is not charged to a signer without any of it", async () => {
      const poor = await market.clientOf(15);
      expect(["ERC20InsufficientBalance", "REVERTED"]).to.include((await failure(deposit(poor, { amount: 1n }))).code);
    });
  });
