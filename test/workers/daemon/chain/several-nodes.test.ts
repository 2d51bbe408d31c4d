import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";

import { type Endpoint, type EndpointOptions, openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";
import { type FaultyProxy, faultsOf, type Fault, startFaultyProxy } from "../../../faulty-proxy.ts";
import { MARKET, type ScriptedNode, startScriptedNode } from "../scripted-node.ts";

const logger = pino({ level: "silent" });
const COUNT = "eth_getTransactionCount";

describe("several nodes of a chain", () => {
  let node: ScriptedNode;
  let proxies: FaultyProxy[];
  let endpoint: Endpoint;

  /** As many doors to one node, each of which may misbehave. */
  const open = async (doors: number, options: Partial<EndpointOptions> = {}): Promise<FaultyProxy[]> => {
    proxies = [];
    for (let door = 0; door < doors; door++) proxies.push(await startFaultyProxy(node.url));
    endpoint = await openEndpoint({
      urls: proxies.map(({ url }) => url),
      chainId: 31337,
      logger,
      timeout: 10_000,
      retries: 0,
      ...options,
    });
    return proxies;
  };
  const countAsked = (proxy: FaultyProxy | undefined, method: string): number =>
    proxy?.calls.filter((call) => call.method === method).length ?? 0;
  const agreedCount = (): Promise<number> =>
    endpoint.agreed("the nonce", (provider) => provider.getTransactionCount(MARKET, "latest"));
  const refusal = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "none",
      (error: unknown) => error,
    );
  const hostOf = (proxy: FaultyProxy | undefined): string => new URL(proxy?.url ?? "").host;

  beforeEach(async () => {
    node = await startScriptedNode();
    node.mine("a", [], [], []);
    node.setCount(7);
  });
  afterEach(async () => {
    endpoint.close();
    for (const proxy of proxies) await proxy.close();
    await node.close();
  });

  describe("of which the first fails", () => {
    const failures: Record<string, readonly [fault: Fault, rests: boolean]> = {
      "cuts the connection": [{ kind: "drop" }, true],
      "cuts the connection before its answer": [{ kind: "lose-answer" }, true],
      "has had too many requests": [{ kind: "status", status: 429, retryAfter: 1 }, true],
      "is broken": [{ kind: "status", status: 502 }, true],
      "answers with something that is no JSON": [{ kind: "garbage" }, true],
      "says in JSON that it has had too many requests": [
        { kind: "error", code: -32_005, message: "daily request count exceeded, request rate limited" },
        true,
      ],
      "has no state of that block": [{ kind: "error", code: -32_000, message: "missing trie node 0a" }, false],
    };
    for (const [what, [fault, rests]] of Object.entries(failures))
      it(`asks the next one when it ${what}`, async () => {
        const [first, second] = await open(2);
        first?.misbehave(faultsOf(COUNT, fault));
        for (const count of [7, 7]) expect(await endpoint.provider.getTransactionCount(MARKET)).to.equal(count);
        expect(countAsked(second, COUNT)).to.equal(2);
        expect(countAsked(first, COUNT)).to.equal(rests ? 1 : 2);
      });

    it("asks the next one when it says nothing in time", async () => {
      const [first] = await open(2, { timeout: 300 });
      first?.misbehave(faultsOf(COUNT, { kind: "silence" }, 1));
      expect(await endpoint.retrying("the nonce", () => endpoint.provider.getTransactionCount(MARKET))).to.equal(7);
    });

    it("takes a contract's revert for an answer, whatever it says", async () => {
      const [, second] = await open(2);
      node.failEstimates({ code: 3, message: "execution reverted: try again", data: "0x12345678" });
      expect(await refusal(endpoint.provider.estimateGas({ to: MARKET }))).to.include({ code: "CALL_EXCEPTION" });
      expect(countAsked(second, "eth_estimateGas")).to.equal(0);
    });

    it("says that all are away when they are", async () => {
      for (const proxy of await open(2)) proxy.misbehave(faultsOf(COUNT, { kind: "drop" }));
      const failed = await refusal(endpoint.retrying("the nonce", () => endpoint.provider.getTransactionCount(MARKET)));
      expect(failed).to.include({ code: "RPC_UNREACHABLE", retryable: true });
    });
  });

  describe("that get a transaction", () => {
    const raw = async (): Promise<string> =>
      Wallet.createRandom().signTransaction({
        to: MARKET,
        nonce: 0,
        gasLimit: 21_000,
        chainId: 31337,
        maxFeePerGas: 1n,
        type: 2,
      });

    it("all get it, because one alone might keep it to itself", async () => {
      const doors = await open(3);
      await endpoint.provider.send("eth_sendRawTransaction", [await raw()]);
      expect(node.pool.size).to.equal(1);
      // The node decides as soon as one took it; the others are asked all the same.
      while (doors.some((door) => countAsked(door, "eth_sendRawTransaction") === 0))
        await new Promise((resolve) => setTimeout(resolve, 5));
    });

    it("are content if one takes it, and else say what one refused", async () => {
      const [first, second] = await open(2);
      const bytes = await raw();
      first?.misbehave(faultsOf("eth_sendRawTransaction", { kind: "drop" }));
      await endpoint.provider.send("eth_sendRawTransaction", [bytes]);
      second?.misbehave(faultsOf("eth_sendRawTransaction", { kind: "error", code: -32_000, message: "nonce too low" }));
      const failed = await refusal(endpoint.provider.send("eth_sendRawTransaction", [bytes]));
      expect(failed).to.include({ code: "NONCE_EXPIRED" });
    });
  });

  describe("where money depends on the answer", () => {
    it("are believed by their majority", async () => {
      const [first] = await open(3);
      first?.misbehave(faultsOf(COUNT, { kind: "lie", result: "0x63" }));
      expect(await agreedCount()).to.equal(7);
    });

    it("are an error that names who said what when they contradict each other", async () => {
      const [first, second] = await open(2);
      second?.misbehave(faultsOf(COUNT, { kind: "lie", result: "0x63" }));
      const error = await refusal(agreedCount());
      expect(error).to.include({ code: "RPC_DISAGREEMENT", retryable: true });
      expect(error)
        .to.have.property("message")
        .that.includes(`${hostOf(first)} says 7`)
        .and.includes(`${hostOf(second)} says 99`);
    });

    it("are asked again when they contradict each other for a moment", async () => {
      const [, second] = await open(2, { retries: 2 });
      second?.misbehave(faultsOf(COUNT, { kind: "lie", result: "0x63" }, 1));
      expect(await agreedCount()).to.equal(7);
    });

    it("may be silent as long as a quorum is left", async () => {
      const [first, second] = await open(3);
      first?.misbehave(faultsOf(COUNT, { kind: "drop" }));
      expect(await agreedCount()).to.equal(7);
      second?.misbehave(faultsOf(COUNT, { kind: "drop" }));
      const error = await refusal(agreedCount());
      expect(error).to.include({ code: "RPC_UNREACHABLE", retryable: true });
      expect(error).to.have.property("message").that.includes("1 of 3 nodes answered, 2 are needed");
    });

    it("need one answer of two by default, and both if the operator says so", async () => {
      const [first] = await open(2);
      first?.misbehave(faultsOf(COUNT, { kind: "drop" }));
      expect(await agreedCount()).to.equal(7);
      endpoint.close();
      for (const proxy of proxies) await proxy.close();
      const [strict] = await open(2, { quorum: 2 });
      strict?.misbehave(faultsOf(COUNT, { kind: "drop" }));
      expect(await refusal(agreedCount())).to.include({ code: "RPC_UNREACHABLE" });
    });

    it("may agree on a refusal", async () => {
      const [first] = await open(3);
      node.failEstimates({ code: 3, message: "execution reverted", data: "0x12345678" });
      first?.misbehave(faultsOf("eth_estimateGas", { kind: "lie", result: "0x5208" }));
      const error = await refusal(endpoint.agreed("gas", (provider) => provider.estimateGas({ to: MARKET })));
      expect(error).to.have.property("name", "ContractError");
    });
  });

  describe("and the newest block", () => {
    const moveOn = (blocks: number): void => node.mine("a", ...Array.from({ length: blocks }, () => []));

    it("is the one that most of them have", async () => {
      const [first, second] = await open(3);
      first?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0xf4240" }));
      expect(await endpoint.head()).to.equal(2);
      second?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x0" }));
      expect(await endpoint.head()).to.equal(2);
    });

    it("is the lower one of two, unless that one is stuck", async () => {
      const [first] = await open(2);
      first?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x2" }));
      expect(await endpoint.head()).to.equal(2);
      moveOn(5);
      expect(await endpoint.head()).to.equal(2);
      moveOn(5);
      expect(await endpoint.head()).to.equal(12);
      first?.behave();
      moveOn(1);
      expect(await endpoint.head()).to.equal(13);
    });

    it("makes nodes that lag the last to be asked", async () => {
      const [first, second] = await open(3);
      moveOn(9);
      first?.misbehave(faultsOf("eth_blockNumber", { kind: "lie", result: "0x2" }));
      await endpoint.head();
      await endpoint.provider.getTransactionCount(MARKET);
      expect([countAsked(first, COUNT), countAsked(second, COUNT)]).to.deep.equal([0, 1]);
    });
  });

  describe("at the start", () => {
    it("must all be on the deployment's chain", async () => {
      const other = await startScriptedNode({ chainId: 1 });
      try {
        await open(1);
        const urls = [proxies[0]?.url ?? "", other.url];
        const error = await refusal(openEndpoint({ urls, chainId: 31337, logger, timeout: 10_000, retries: 0 }));
        expect(error).to.include({ code: "CHAIN_ID_MISMATCH", retryable: false });
        expect(error).to.have.property("message").that.includes(new URL(other.url).host);
      } finally {
        await other.close();
      }
    });

    it("may be away, and are not believed when they come back on another chain", async () => {
      const other = await startScriptedNode({ chainId: 1 });
      other.mine("z", []);
      other.setCount(99);
      const late = await startFaultyProxy(other.url);
      late.misbehave(faultsOf("eth_chainId", { kind: "drop" }, 1));
      try {
        proxies = [await startFaultyProxy(node.url)];
        const urls = [late.url, ...proxies.map(({ url }) => url)];
        endpoint = await openEndpoint({ urls, chainId: 31337, logger, timeout: 10_000, retries: 0 });
        expect(await agreedCount()).to.equal(7);
        expect(await endpoint.provider.getTransactionCount(MARKET)).to.equal(7);
        expect(countAsked(late, COUNT)).to.equal(0);
      } finally {
        await late.close();
        await other.close();
      }
    });
  });

  it("are told apart in its status, without what else is in their addresses", async () => {
    const [first] = await open(2);
    first?.misbehave(faultsOf(COUNT, { kind: "drop" }));
    await endpoint.provider.getTransactionCount(MARKET);
    await endpoint.head();
    expect(endpoint.status().map(({ name }) => name)).to.deep.equal(proxies.map(hostOf));
    expect(endpoint.status().map(({ failures }) => failures)).to.deep.equal([1, 0]);
  });
});
