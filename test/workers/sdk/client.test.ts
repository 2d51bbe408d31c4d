import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import { JsonRpcProvider, Wallet, ZeroAddress } from "ethers";

import {
  createClient,
  deposit,
  listVersions,
  openProvider,
  parseDeployment,
  read,
} from "../../../workers/sdk/index.ts";
import { failure, type Market, openMarket, through } from "./fixture.ts";

describe("a client", () => {
  let market: Market;

  before(async () => {
    market = await openMarket();
  });

  after(() => market.close());

  it("refuses a deployment of another chain, whatever network the provider believes in", async () => {
    const deployment = { ...market.deployment, chainId: 1 };
    for (const provider of [openProvider(market.url, deployment), new JsonRpcProvider(market.url)]) {
      const error = await failure(createClient({ provider, deployment }));
      expect([error.code, error.details["had"], error.details["needed"]]).to.deep.equal(["WRONG_CHAIN", 31337n, 1n]);
      provider.destroy();
    }
  });

  it("says that the node is away, and that asking again may help", async () => {
    const provider = openProvider(await unusedUrl(), market.deployment);
    const error = await failure(createClient({ provider, deployment: market.deployment }));
    expect([error.code, error.retryable]).to.deep.equal(["RPC_UNREACHABLE", true]);
    const later = await failure(listVersions({ ...market.requester, provider }));
    expect([later.code, later.retryable]).to.deep.equal(["RPC_UNREACHABLE", true]);
    provider.destroy();
  });

  it("lists every problem of a deployment", async () => {
    const error = await failure(
      Promise.resolve().then(() => parseDeployment({ ...market.deployment, market: "0x1", fromBlock: -1 })),
    );
    expect(error.code).to.equal("DEPLOYMENT_INVALID");
    expect(error.details["problems"]).to.have.length(2);
    expect((await failure(Promise.resolve().then(() => parseDeployment("{")))).code).to.equal("DEPLOYMENT_INVALID");
  });

  it("notices that no contract is where the deployment says", async () => {
    const deployment = { ...market.deployment, market: Wallet.createRandom().address };
    const client = await createClient({ provider: market.provider, deployment });
    const error = await failure(read(client, { contract: "market", functionName: "paused", args: [] }));
    expect(error.code).to.equal("NOT_A_CONTRACT");
  });

  it("tells an account without money what it needs", async () => {
    const poor = await createClient({ ...market.requester, signer: Wallet.createRandom().connect(market.provider) });
    const error = await failure(deposit(poor, { amount: 5n }));
    expect([error.code, error.details["had"]]).to.deep.equal(["INSUFFICIENT_FUNDS", 0n]);
    expect(error.details["needed"]).to.satisfy((needed: bigint) => needed > 5n);
  });

  it("asks again in halves when a node refuses a long range, and gives up when it refuses any", async () => {
    await market.provider.send("hardhat_mine", ["0x200"]);
    const refusingBeyond = (most: number) => {
      const spans: number[] = [];
      const client = through(market, market.requester, (method, parameters, ask) => {
        if (method !== "eth_getLogs") return ask();
        const [{ fromBlock, toBlock }] = parameters as [{ fromBlock: string; toBlock: string }];
        spans.push(Number(toBlock) - Number(fromBlock) + 1);
        return (spans.at(-1) ?? 0) > most ? Promise.reject(new Error("range too large")) : ask();
      });
      return { client, spans };
    };
    const { client, spans } = refusingBeyond(150);
    const listed = await listVersions(client);
    expect(listed.map(({ versionId }) => versionId)).to.deep.equal([market.versionId]);
    const latest = await market.provider.getBlockNumber();
    const answered = spans.filter((span) => span <= 150);
    expect(answered.reduce((sum, span) => sum + span, 0)).to.equal(latest + 1);
    expect((await failure(listVersions(refusingBeyond(1).client))).code).to.equal("RPC_ERROR");
  });

  it("needs a signer to send, but not to read", async () => {
    const reader = await createClient({ provider: market.provider, deployment: market.deployment });
    expect(await listVersions(reader)).to.have.length(1);
    expect((await failure(deposit(reader, { amount: 1n, account: ZeroAddress }))).code).to.equal("SIGNER_MISSING");
  });
});

/** The address of a port that was free a moment ago. */
async function unusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
