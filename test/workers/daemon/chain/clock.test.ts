import { expect } from "chai";
import { network } from "hardhat";
import { pino } from "pino";

import { chainTime } from "../../../../workers/daemon/chain/clock.ts";
import { openEndpoint } from "../../../../workers/daemon/chain/endpoint.ts";

const HOUR = 3600;

describe("the chain's time", () => {
  it("is that of the node's next block, also an hour behind this machine and after a burst of blocks", async () => {
    const initialDate = new Date(Date.now() - HOUR * 1000).toISOString();
    const server = await network.createServer({ network: "default", override: { initialDate } }, "127.0.0.1", 0);
    const { port } = await server.listen();
    const endpoint = await openEndpoint({
      urls: [`http://127.0.0.1:${port}`],
      chainId: 31_337,
      logger: pino({ level: "silent" }),
      timeout: 10_000,
      retries: 1,
    });
    try {
      for (let block = 0; block < 20; block++) await endpoint.provider.send("evm_mine", []);
      const newest = (await endpoint.provider.getBlock("latest"))?.timestamp ?? 0;
      const time = await chainTime(endpoint);
      expect(time).to.be.at.least(newest);
      expect(time - newest).to.be.at.most(30);
      expect(Math.floor(Date.now() / 1000) - time).to.be.at.least(HOUR - 60);
    } finally {
      endpoint.close();
      await server.close();
    }
  });
});
