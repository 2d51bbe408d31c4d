import { expect } from "chai";
import { hexlify, id } from "ethers";
import { network } from "hardhat";

import type { RootSecret } from "../../../../workers/tee/development/authority.ts";
import { developmentPlatform } from "../../../../workers/tee/development/development-platform.ts";
import { measurement } from "../../../../workers/tee/development/image.ts";

const secretOf = (name: string): RootSecret => `0x${id(name).slice(2)}`;
const DAY = 86_400;
const MAX_AGE = 30 * DAY;
const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, i) => i + 1);

const { ethers } = await network.create();
const platform = developmentPlatform(secretOf("one"));

/** The contracts under the root of `platform`, with all of its collateral. */
async function deploy() {
  const [admin] = await ethers.getSigners();
  if (admin === undefined) throw new Error("no account");
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const certificates = await ethers.deployContract("CertificateStore", [platform.root.x, platform.root.y]);
  const reader = await ethers.deployContract("CollateralReader");
  const registry = await ethers.deployContract("CollateralRegistry", [manager, certificates, reader]);
  const verifier = await ethers.deployContract("DcapQuoteVerifier", [certificates, registry, MAX_AGE]);

  const now = (await ethers.provider.getBlock("latest"))?.timestamp ?? 0;
  const { tcbInfos, identities, lists } = platform.collateral({ issuedAt: now - DAY, nextUpdate: now + 60 * DAY });
  const signer = platform.chains.collateralSigner;
  for (const info of tcbInfos) await registry.postTcbInfo(signer, ...info);
  for (const identity of identities) await registry.postIdentity(signer, ...identity);
  for (const { issuerChain, list } of lists) await certificates.enterRevocations(issuerChain, list, 1);
  return verifier;
}

describe("the development platform", function () {
  let verifier: Awaited<ReturnType<typeof deploy>>;
  before(async () => (verifier = await deploy()));

  it("makes quotes that the contracts take with its collateral alone, and that they mark as simulated", async () => {
    const found = await verifier.inspect(platform.quote({ reportData: REPORT_DATA, image: "support desk 1" }));
    expect(found.report.reportDataHigh).to.equal(hexlify(REPORT_DATA.slice(0, 32)));
    expect(found.report.reportDataLow).to.equal(hexlify(REPORT_DATA.slice(32)));
    expect([found.isTdx, found.version, found.byCollateral, found.listsCurrent]).to.deep.equal([true, 4n, true, true]);
    expect(await verifier.isSimulated()).to.equal(true);
  });

  it("works out the measurement that the contract finds, another for each image", async () => {
    for (const image of ["support desk 1", "support desk 2", ""]) {
      const { measurement: found } = await verifier.verify(platform.quote({ reportData: REPORT_DATA, image }));
      expect(measurement(image)).to.equal(found);
    }
    expect(measurement("support desk 1")).to.not.equal(measurement("support desk 2"));
  });

  it("is the same for the same secret, and shares no key or number with that of another", () => {
    expect(developmentPlatform(secretOf("one")).chains).to.deep.equal(platform.chains);
    const asked = { reportData: REPORT_DATA, image: "support desk 1" };
    expect(developmentPlatform(secretOf("one")).quote(asked)).to.deep.equal(platform.quote(asked));
    expect(developmentPlatform(secretOf("two")).root).to.not.deep.equal(platform.root);
    expect(developmentPlatform(secretOf("two")).chains.pck).to.not.deep.equal(platform.chains.pck);
  });

  it("makes no quotes that contracts under another root take", async () => {
    const foreign = developmentPlatform(secretOf("two")).quote({ reportData: REPORT_DATA, image: "support desk 1" });
    const certificates = await ethers.getContractAt("CertificateStore", await verifier.CERTIFICATES());
    await expect(verifier.verify(foreign)).to.be.revertedWithCustomError(certificates, "RootUnknown");
  });

  it("makes no quote over report data of another length: REPORT_DATA_LENGTH", () => {
    for (const length of [0, 32, 63, 65])
      expect(() => platform.quote({ reportData: new Uint8Array(length), image: "" }))
        .to.throw()
        .with.property("code", "REPORT_DATA_LENGTH");
  });

  it("says in every certificate that it is simulated", () => {
    for (const pem of Object.values(platform.chains)) {
      const certificates = Buffer.from(pem).toString("latin1").split("-----END CERTIFICATE-----\n").slice(0, -1);
      for (const certificate of certificates) {
        const der = Buffer.from(certificate.replace("-----BEGIN CERTIFICATE-----", ""), "base64");
        expect(der.toString("latin1").match(/SIMULATED/g)).to.have.length(2);
      }
    }
  });
});
