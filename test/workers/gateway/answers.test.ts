import { expect } from "chai";
import { hexlify, keccak256, parseEther } from "ethers";

import { evaluate } from "../../../circuits/compiler/index.ts";
import type { RunningGateway } from "../../../workers/gateway/index.ts";
import {
  anchorsOf,
  callDigest,
  type Channel,
  getChannel,
  infer,
  interfaceOf,
  payByToken,
  payByVouchers,
  read,
  receiptDigest,
} from "../../../workers/sdk/index.ts";
import { failure } from "../sdk/fixture.ts";
import {
  API_KEY,
  type GatewayMarket,
  INPUT,
  openGatewayMarket,
  PAYER,
  post,
  PRICE,
  STRANGER,
  TOKEN_PRICE,
  WORKER,
} from "./gateway-fixture.ts";

describe("a gateway's answers", function () {
  this.timeout(120_000);
  let market: GatewayMarket;
  let gateway: RunningGateway;
  let channel: Channel;

  before(async () => {
    market = await openGatewayMarket();
    gateway = await market.start();
    channel = await market.open(parseEther("1"));
  });
  after(() => market.close());

  const ask = (level: "Vanilla" | "Tee" | "Zkml", total = 0n) => {
    const { chain, requester, deployment } = market;
    const payer = payByVouchers({ signer: chain.wallet(PAYER), deployment, channel, most: PRICE, total });
    return infer(requester, { gateway: gateway.url, versionId: chain.classifierId, level, input: [INPUT], payer });
  };
  const expected = () => {
    const { graph } = market.chain.classifier;
    if (graph === null) throw new Error("the classifier has a graph");
    return evaluate(graph, [INPUT]);
  };

  it("come with a receipt that the worker signed, for a voucher", async () => {
    const { outputs, receipt, checked, workerId, evidence } = await ask("Vanilla");
    expect(outputs).to.deep.equal(expected());
    expect(checked).to.deep.equal({ by: "signature" });
    expect(evidence).to.equal(null);
    expect(workerId).to.equal(BigInt(market.worker.workerId));
    expect(receipt.requester).to.equal(market.chain.wallet(PAYER).address);
    const digest = await read(market.requester, {
      contract: "receiptAnchors",
      functionName: "receiptDigestOf",
      args: [receipt],
    });
    expect(digest).to.equal(receiptDigest(anchorsOf(market.deployment), receipt));
  });

  it("come with a proof at Zkml", async () => {
    const { outputs, checked } = await ask("Zkml", PRICE);
    expect(outputs).to.deep.equal(expected());
    expect(checked.by).to.equal("proof");
  });

  it("come with an enclave's signature at Tee", async () => {
    await market.workers.patiently("enrolment", async () => {
      const { body } = await post(gateway, asked("Tee"), key());
      return "evidence" in body ? true : undefined;
    });
    const { checked } = await ask("Tee", 2n * PRICE);
    expect(checked).to.include({ by: "enclave", simulated: true });
  });

  const asked = (level: string) => ({ versionId: market.chain.classifierId, level, input: market.packed });
  const key = () => ({ authorization: `Bearer ${API_KEY}` });

  it("have evidence that a contract verifies in its own transaction, where that is asked for", async () => {
    const { chain, requester } = market;
    const { classifierId: versionId } = chain;
    const caller = chain.wallet(STRANGER).address;
    const call = { caller, nonce: 77n, deadline: 2_000_000_000n };
    const payer = payByToken({
      signer: chain.wallet(PAYER),
      chainId: market.deployment.chainId,
      asset: market.token.asset,
      most: TOKEN_PRICE,
    });
    const { packedOutput, evidence, receipt } = await infer(requester, {
      gateway: gateway.url,
      versionId,
      level: "Zkml",
      input: [INPUT],
      call,
      payer,
    });
    const { inputHash, outputHash, worker } = receipt;
    const hashes = { versionId, inputHash, outputHash, worker };
    const args = [versionId, inputHash, outputHash, worker, caller, call.nonce, call.deadline] as const;
    expect(await read(requester, { contract: "market", functionName: "callDigest", args })).to.equal(
      callDigest(market.deployment, { ...hashes, ...call }),
    );
    const verify = (from: string) => {
      const parts = [hexlify(market.packed), hexlify(packedOutput), hexlify(evidence ?? "0x")] as const;
      const data = interfaceOf("market").encodeFunctionData("verify", [
        versionId,
        2n,
        ...parts,
        worker,
        call.nonce,
        call.deadline,
      ]);
      return chain.provider.call({ from, to: market.deployment.market, data });
    };
    expect(await verify(caller)).to.equal("0x");
    expect(await verify(chain.wallet(PAYER).address).catch(() => "refused")).to.equal("refused");
  });

  it("are paid for by an authorized transfer of a token, before they leave", async () => {
    const { chain, token, payTo, deployment } = market;
    const before = await token.balanceOf(payTo);
    const payer = payByToken({
      signer: chain.wallet(PAYER),
      chainId: deployment.chainId,
      asset: token.asset,
      most: TOKEN_PRICE,
    });
    await infer(market.requester, {
      gateway: gateway.url,
      versionId: chain.classifierId,
      level: "Vanilla",
      input: [INPUT],
      payer,
    });
    expect((await token.balanceOf(payTo)) - before).to.equal(TOKEN_PRICE);
  });

  it("are free for who has an API key, and where they cost nothing", async () => {
    expect((await post(gateway, asked("Vanilla"), key())).status).to.equal(200);
    const free = { versionId: market.chain.regressorId, input: `0x${"01".repeat(8)}` };
    const { status, body } = await post(gateway, free);
    expect(status).to.equal(200);
    expect(body["executor"]).to.equal("onnx-runtime");
    const other = await post(gateway, asked("Vanilla"), { authorization: "Bearer another key" });
    expect(other.status).to.equal(401);
    expect(other.body["code"]).to.equal("KEY_UNKNOWN");
  });

  it("are told of step by step to who accepts events", async () => {
    const response = await fetch(`${gateway.url}/v1/infer`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", ...key() },
      body: JSON.stringify({ ...asked("Zkml"), input: hexlify(market.packed) }),
    });
    expect(response.headers.get("content-type")).to.match(/^text\/event-stream/);
    const events = [...(await response.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(events).to.deep.equal(["queued", "running", "proving", "answer"]);
  });

  it("can be asked for again by their id", async () => {
    const { body } = await post(gateway, asked("Vanilla"), key());
    const again = await fetch(`${gateway.url}/v1/jobs/${String(body["id"])}`);
    expect(await again.json()).to.deep.equal({ kind: "answer", answer: body, anchor: null });
    const nothing = await fetch(`${gateway.url}/v1/jobs/${"0".repeat(8)}`);
    expect(nothing.status).to.equal(404);
  });

  it("bring in money: vouchers are collected", async () => {
    const { chain, requester } = market;
    await gateway.upkeep();
    const { collected } = await getChannel(requester, { channel });
    expect(collected).to.equal(3n * PRICE);
    const balance = await read(requester, {
      contract: "paymentChannels",
      functionName: "balanceOf",
      args: [chain.wallet(WORKER).address],
    });
    expect(balance).to.equal(3n * PRICE);
    await gateway.upkeep();
    expect((await getChannel(requester, { channel })).collected).to.equal(3n * PRICE);
  });

  it("are refused by the client if they are not what was asked, or nobody signed them", async () => {
    const { chain, requester, deployment } = market;
    const { default: fastify } = await import("fastify");
    const honest = await post(gateway, asked("Zkml"), key());
    const lies: readonly [string, (answer: Record<string, unknown>) => void][] = [
      ["outputHash", (answer) => (answer["output"] = "0x02")],
      ["receipt", (answer) => (answer["signature"] = `0x${"11".repeat(65)}`)],
      ["evidence", (answer) => (answer["evidence"] = null)],
      [
        "proof",
        (answer) => {
          const { bytes } = answer["evidence"] as { bytes: string };
          answer["evidence"] = { binds: "receipt", bytes: `${bytes.slice(0, 10)}f${bytes.slice(11)}` };
        },
      ],
    ];
    for (const [check, change] of lies) {
      const liar = fastify();
      liar.post("/v1/infer", () => {
        const answer = structuredClone(honest.body);
        change(answer);
        return answer;
      });
      const url = await liar.listen({ port: 0 });
      const { classifierId: versionId } = chain;
      const error = await failure(infer(requester, { gateway: url, versionId, level: "Zkml", input: [INPUT] }));
      await liar.close();
      expect(error.code, check).to.equal("RESULT_UNVERIFIED");
      expect(error.details["check"]).to.equal(check);
    }
    const nobody = payByVouchers({ signer: chain.wallet(PAYER), deployment, channel, most: PRICE - 1n });
    const dear = infer(requester, {
      gateway: gateway.url,
      versionId: chain.classifierId,
      level: "Vanilla",
      input: [INPUT],
      payer: nobody,
    });
    expect((await failure(dear)).code).to.equal("PAYMENT_NEEDED");
    expect(nobody.total).to.equal(0n);
  });

  it("describe themselves: models with their prices, files of versions, and the whole interface", async () => {
    const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as {
      models: { manifest: string; level: string; price: string; accepts: { scheme: string }[] }[];
    };
    expect(models.models.map(({ level, price }) => [level, price])).to.deep.equal([
      ["Vanilla", "1000"],
      ["Zkml", "1000"],
      ["Tee", "1000"],
      ["Vanilla", "0"],
    ]);
    expect(models.models[0]?.accepts.map(({ scheme }) => scheme)).to.deep.equal(["assay-channel", "exact"]);
    const { circuit, model } = market.chain.classifier.manifest;
    for (const cid of [models.models[0]?.manifest, model.cid, circuit?.verificationKey.cid]) {
      const response = await fetch(`${gateway.url}/ipfs/${String(cid)}`);
      expect(response.status).to.equal(200);
      expect(keccak256(new Uint8Array(await response.arrayBuffer()))).to.equal(
        keccak256(await market.chain.store.get(String(cid))),
      );
    }
    const missing = await fetch(`${gateway.url}/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy`);
    expect(missing.status).to.equal(404);
    const described = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(described.paths)).to.include.members([
      "/v1/infer",
      "/v1/models",
      "/v1/jobs/{id}",
      "/ipfs/{cid}",
    ]);
  });
});
