import { join } from "node:path";

import { expect } from "chai";

import type { RunningGateway } from "../../../workers/gateway/index.ts";
import {
  anchorsOf,
  challengeReceipt,
  getStanding,
  read,
  type Receipt,
  receiptLeaf,
  rootOf,
} from "../../../workers/sdk/index.ts";
import { receiptOf, inferAnswer } from "../../../workers/sdk/gateway/answer-schema.ts";
import { API_KEY, type GatewayMarket, openGatewayMarket, post } from "./gateway-fixture.ts";

interface Kept {
  readonly anchor: { readonly anchorId: string; readonly proof: string[] } | null;
}

describe("a gateway's anchors", function () {
  this.timeout(120_000);
  let market: GatewayMarket;
  let gateway: RunningGateway;

  before(async () => {
    market = await openGatewayMarket();
    gateway = await market.start({ upkeep: { anchorLeast: 3, anchorUri: "https://example.org/" } });
  });
  after(() => market.close());

  const answer = async (level: string): Promise<{ readonly id: string; readonly receipt: Receipt }> => {
    const { classifierId: versionId } = market.chain;
    const { body } = await post(
      gateway,
      { versionId, level, input: market.packed },
      { authorization: `Bearer ${API_KEY}` },
    );
    const given = inferAnswer.parse(body);
    return { id: given.id, receipt: receiptOf(given) };
  };
  const anchorOf = async (id: string): Promise<Kept["anchor"]> =>
    ((await (await fetch(`${gateway.url}/v1/jobs/${id}`)).json()) as Kept).anchor;
  const stateOf = async (anchorId: bigint, leaf: string): Promise<number> => {
    const args = [anchorId, leaf] as const;
    return Number(
      (await read(market.requester, { contract: "receiptAnchors", functionName: "challengeOf", args })).state,
    );
  };

  it("put stake behind receipts once there are enough, and answer challenges of any of them", async () => {
    const { requester, worker, deployment, chain } = market;
    const workerId = BigInt(worker.workerId);
    const first = [await answer("Zkml"), await answer("Vanilla")];
    await gateway.upkeep();
    expect(await anchorOf(first[0]?.id ?? "")).to.equal(null);

    const answers = [...first, await answer("Vanilla")];
    await gateway.upkeep();
    expect((await getStanding(requester, { workerId })).reserved > 0n).to.equal(true);
    for (const { id, receipt } of answers.slice(0, 2)) {
      const anchor = await anchorOf(id);
      if (anchor === null) throw new Error("the receipt is anchored");
      const anchorId = BigInt(anchor.anchorId);
      const leaf = receiptLeaf(anchorsOf(deployment), receipt);
      const { root } = await read(requester, {
        contract: "receiptAnchors",
        functionName: "anchorOf",
        args: [anchorId],
      });
      expect(rootOf(leaf, anchor.proof)).to.equal(root);
      await challengeReceipt(requester, { anchorId, receipt, proof: anchor.proof });
      expect(await stateOf(anchorId, leaf)).to.equal(1);
      // The proof that was made with the answer at Zkml; one that is made now at Vanilla.
      await gateway.upkeep();
      expect(await stateOf(anchorId, leaf)).to.equal(2);
    }

    await chain.passTime(2 * 86_400);
    await market.workers.patiently("release", async () => {
      await gateway.upkeep();
      return (await getStanding(requester, { workerId })).reserved === 0n ? true : undefined;
    });
  });

  it("leave out receipts that nothing could show: nobody can judge them, and nobody can lose for them", async () => {
    const { chain } = market;
    const plain = await chain.publish(chain.regressor, ["Vanilla"]);
    const directory = join(chain.directory, "unjudged");
    const offers = [{ versionId: plain, level: "Vanilla", price: 0n }] as const;
    const free = await market.start({ directory, offers, upkeep: { anchorLeast: 1 } });
    const { body } = await post(free, { versionId: plain, input: `0x${"01".repeat(8)}` });
    await free.upkeep();
    const kept = (await (await fetch(`${free.url}/v1/jobs/${String(body["id"])}`)).json()) as Kept;
    await free.stop();
    expect(kept.anchor).to.equal(null);
    expect((await getStanding(market.requester, { workerId: BigInt(market.worker.workerId) })).reserved).to.equal(0n);
  });
});
