import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { formatEther, parseEther } from "ethers";

import { type Channel, getChannel } from "../../../workers/sdk/index.ts";
import {
  type GatewayMarket,
  openGatewayMarket,
  PAYER,
  post,
  PRICE,
  voucherHeader,
  WORKER,
} from "../gateway/gateway-fixture.ts";
import { failureCodes, succeed } from "./run-cli.ts";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));

describe("a gateway on the command line", function () {
  this.timeout(120_000);
  let market: GatewayMarket;
  let file: string;
  let channel: Channel;
  let environment: Record<string, string>;

  before(async () => {
    market = await openGatewayMarket();
    const { chain, workers, deployment } = market;
    environment = { ASSAY_PRIVATE_KEY: chain.wallet(WORKER).privateKey };
    const deploymentFile = join(chain.directory, "deployment.json");
    await writeFile(deploymentFile, JSON.stringify(deployment));
    file = join(chain.directory, "worker.json");
    const { classifierId: versionId } = chain;
    await writeFile(
      file,
      JSON.stringify({
        rpc: chain.url,
        deployment: deploymentFile,
        directory: workers.directoryOf(WORKER),
        lockDirectory: workers.lockDirectory,
        stores: [join(chain.directory, "store")],
        serve: [{ versionId, levels: ["Vanilla", "Zkml"] }],
        pollInterval: 100,
        logLevel: "error",
        gateway: { port: 0, offers: [{ versionId, level: "Vanilla", price: formatEther(PRICE) }] },
      }),
    );
    channel = await market.open(parseEther("1"));
  });
  after(() => market.close());

  it("leaves a running worker's key alone", async () => {
    expect(await failureCodes(["gateway", "collect", file], environment)).to.deep.equal(["KEY_IN_USE"]);
    await market.workers.stopAll();
  });

  it("runs beside its worker, and stops with it", async () => {
    const { chain, requester } = market;
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, [CLI, "worker", file, "--json"], {
      env: { PATH, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [line] = (await once(createInterface(child.stdout), "line")) as [string];
      const { gateway: url } = JSON.parse(line) as { gateway: string };
      const header = await voucherHeader(requester, chain.wallet(PAYER), channel, PRICE);
      const asked = { versionId: chain.classifierId, input: market.packed };
      expect((await post({ url }, asked, header)).status).to.equal(200);
      expect((await post({ url }, { ...asked, level: "Zkml" }, header)).body["code"]).to.equal("NOT_OFFERED");
    } finally {
      child.kill("SIGTERM");
    }
    const [exitCode] = (await once(child, "exit")) as [number];
    expect(exitCode).to.equal(0);
  });

  it("brings in what a stopped gateway earned", async () => {
    const run = ["gateway", "collect", file, "--withdraw"];
    expect(await succeed(run, environment)).to.include({ collected: String(PRICE), withdrawn: String(PRICE) });
    expect((await getChannel(market.requester, { channel })).collected).to.equal(PRICE);
    expect(await succeed(run, environment)).to.include({ collected: "0", withdrawn: "0" });
  });
});
