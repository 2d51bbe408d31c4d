import { expect } from "chai";
import { id } from "ethers";
import { network } from "hardhat";

import { rememberNext } from "../../../../workers/daemon/enclave/nitro-certificates.ts";
import { createClient } from "../../../../workers/sdk/client.ts";
import type { RootSecret } from "../../../../workers/tee/development/authority.ts";
import { developmentNitro } from "../../../../workers/tee/development/nitro.ts";
import { DEPLOYMENT } from "../sample-deployment.ts";

const SECRET: RootSecret = `0x${id("a worker in a simulated enclave of Nitro").slice(2)}`;
const MAX_AGE = 86_400;

describe("the certificates of a document of Nitro", function () {
  this.timeout(240_000);

  it("are remembered from the top, one in each transaction, until the chain takes the document", async () => {
    const { ethers } = await network.create({ override: { hardfork: "osaka" } });
    const [admin] = await ethers.getSigners();
    if (admin === undefined) throw new Error("no account");
    const platform = developmentNitro(SECRET);
    const manager = await ethers.deployContract("AccessManager", [admin]);
    const p384 = await ethers.deployContract("P384");
    const certificates = await ethers.deployContract("NitroCertificates", [manager, p384, platform.root]);
    const verifier = await ethers.deployContract("NitroQuoteVerifier", [certificates, p384, MAX_AGE]);
    const address = await verifier.getAddress();
    const client = await createClient({ provider: ethers.provider, deployment: DEPLOYMENT });
    const document = async () =>
      platform.document({
        reportData: new Uint8Array(64).fill(3),
        now: (await ethers.provider.getBlock("latest"))?.timestamp ?? 0,
        pcrs: { 0: new Uint8Array(48).fill(1) },
      });

    await expect(verifier.verify(await document())).to.be.revertedWithCustomError(certificates, "CertificateUnknown");
    let remembered = 0;
    for (let call = await rememberNext(await document(), address, client); call !== null; remembered++) {
      expect(call).to.include({ to: await certificates.getAddress(), value: 0n });
      await (await admin.sendTransaction({ to: call.to, data: call.data })).wait();
      call = await rememberNext(await document(), address, client);
    }
    expect(remembered).to.equal(4);
    const { reportDataHigh } = await verifier.verify(await document());
    expect(reportDataHigh).to.equal(`0x${"03".repeat(32)}`);
  });
});
