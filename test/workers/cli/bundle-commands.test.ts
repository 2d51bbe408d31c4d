import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { fulfill } from "../../../workers/sdk/index.ts";
import { type Market, MEASUREMENT, openMarket } from "../sdk/fixture.ts";
import { failureCodes, succeed } from "./run-cli.ts";

describe("assay job --bundle and assay tee recheck", () => {
  let market: Market;
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-bundle-"));
    market = await openMarket();
  });

  after(async () => {
    await market.close();
    await rm(home, { recursive: true, force: true });
  });

  it("write an enclave's result, and check it again without a node", async () => {
    const { job, jobId } = await market.ask("Tee");
    const output = Uint8Array.of(42);
    await fulfill(market.worker, { job, output, evidence: market.sign(job, output) });
    const [deployment, bundle] = [join(home, "deployment.json"), join(home, "result.json")];
    await writeFile(deployment, JSON.stringify(market.deployment));
    await succeed(["job", jobId, "--deployment", deployment, "--rpc", market.url, "--bundle", bundle]);

    const { x, y } = market.platform.root;
    const recheck = ["tee", "recheck", bundle, "--deployment", deployment];
    const { findings, packedOutput, ...rest } = await succeed([...recheck, "--root", `${x}${y.slice(2)}`]);
    expect(rest).to.deep.include({ jobId, enclaveKey: market.enclave.address });
    expect([packedOutput, findings]).to.have.deep.nested.property("[1].measurement", MEASUREMENT);
    expect(packedOutput).to.equal("0x2a");
    // Simulated quotes do not lead to Intel's root.
    expect(await failureCodes(recheck)).to.deep.equal(["RESULT_UNVERIFIED"]);
  });
});
