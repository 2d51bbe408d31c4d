import { X509Certificate } from "node:crypto";

import { expect } from "chai";
import { concat, encodeBytes32String, keccak256, ZeroHash, zeroPadBytes } from "ethers";

import {
  deployUnder,
  DEVELOPMENT,
  INTEL,
  inspection,
  MAX_AGE,
  minimumOf,
  networkHelpers,
  REAL_QUOTES,
  START,
  underIntel,
  goBackInTime,
  passTimeUntil,
} from "./fixture.ts";

const { "SGX version 3": sgx, "TDX version 4": tdx4, "TDX version 5": tdx5 } = REAL_QUOTES;
const load = () => networkHelpers.loadFixture(underIntel);

/** The certificates inside of a quote. */
const certificatesIn = (quote: Buffer) =>
  (quote.toString("latin1").match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );

afterEach(goBackInTime);

describe("quotes signed by Intel's quoting enclaves", () => {
  for (const [name, quote] of Object.entries(REAL_QUOTES)) {
    it(`verify up to Intel's root: ${name}`, async () => {
      const base = await load();
      expect(await inspection(base, quote)).to.equal("passes");
      expect(await base.verifier.isSimulated()).to.equal(false);
    });

    it(`hold the pinned key in their root certificate: ${name}`, () => {
      const root = certificatesIn(quote).at(-1);
      expect(root?.fingerprint256).to.match(/^44:A0:19:6B:.*:B6:74:D3$/);
      const { x, y } = root?.publicKey.export({ format: "jwk" }) ?? {};
      expect([x, y].map((half) => `0x${Buffer.from(half ?? "", "base64url").toString("hex")}`)).to.deep.equal([
        INTEL.x,
        INTEL.y,
      ]);
    });

    it(`say which platform made them: ${name}`, async () => {
      const { verifier } = await load();
      const found = await verifier.inspect(quote);
      const leaf = certificatesIn(quote)[0];
      expect(found.pckSerial).to.equal(BigInt(`0x${leaf?.serialNumber}`));
      expect(found.version).to.equal(BigInt(name.at(-1) ?? 0));
      expect(found.isTdx).to.equal(name.startsWith("TDX"));
    });

    it(`do not verify under another root: ${name}`, async () => {
      expect(await inspection(await deployUnder(DEVELOPMENT), quote)).to.equal("RootUnknown");
    });
  }

  it("have the TCB of their PCK certificates", async () => {
    const { certificates } = await load();
    const chain = sgx.subarray(sgx.indexOf("-----BEGIN"));
    const { leaf } = await certificates.platform(chain);
    expect(leaf.tcb.componentSvns).to.equal("0x0e0e0303ffff01000000000000000000");
    expect(leaf.tcb.pceSvn).to.equal(13n);
    expect(leaf.tcb.pceId).to.equal("0x0000");
    expect(leaf.tcb.fmspc).to.equal("0x00606a000000");
    expect(leaf.notBefore).to.equal(BigInt(Date.UTC(2024, 2, 7, 15, 1, 4) / 1000));
    expect(leaf.notAfter).to.equal(BigInt(Date.UTC(2031, 2, 7, 15, 1, 4) / 1000));
  });

  it("carry the report data that the code chose", async () => {
    const { verifier } = await load();
    const { reportDataHigh, reportDataLow } = await verifier.verify(tdx5);
    expect(concat([reportDataHigh, reportDataLow])).to.equal(
      "0x83ded8a0ee745596dbd961624da760cf1c8b0e48364959396c5c76ff96be4c1a9c24ba8b980f2173e883d5352a360546c1138ef75ce730c843a6c7da6413f400",
    );
  });

  it("have the measurements that are defined for them", async () => {
    const { verifier } = await load();
    const measured = async (quote: Buffer) => (await verifier.verify(quote)).measurement;
    const part = (quote: Buffer, from: number, to: number) => quote.subarray(from, to);
    const ofSgx = [
      [64, 96],
      [128, 160],
      [32, 48],
      [304, 320],
      [192, 256],
      [256, 262],
      [48, 56],
    ].map(([from = 0, to = 0]) => part(sgx, 48 + from, 48 + to));
    expect(await measured(sgx)).to.equal(keccak256(concat([encodeBytes32String("assay.measurement.sgx"), ...ofSgx])));
    const tag = encodeBytes32String("assay.measurement.tdx");
    expect(await measured(tdx4)).to.equal(keccak256(concat([tag, part(tdx4, 168, 568), zeroPadBytes(ZeroHash, 48)])));
    expect(await measured(tdx5)).to.equal(keccak256(concat([tag, part(tdx5, 174, 574), part(tdx5, 654, 702)])));
  });

  it("count until the administrator's minimum or the age ends, and say that it was the minimum", async () => {
    const { verifier } = await load();
    const found = await verifier.inspect(sgx);
    const now = BigInt(await networkHelpers.time.latest());
    expect(found.byCollateral).to.equal(false);
    expect(found.listsCurrent).to.equal(false);
    expect(found.report.validUntil - now).to.be.closeTo(MAX_AGE, 60);
    await passTimeUntil(START + 80 * 86_400);
    expect((await verifier.verify(sgx)).validUntil).to.equal(BigInt(START + 90 * 86_400));
  });

  it("are refused after the dates of their certificates", async () => {
    const base = await load();
    for (const isTdx of [false, true])
      await base.collateral.setMinimum(isTdx, { ...minimumOf(isTdx), until: 2n ** 40n - 1n });
    await passTimeUntil(Date.UTC(2031, 2, 7, 15, 1, 5) / 1000);
    expect(await inspection(base, sgx)).to.equal("CertificateExpired");
    expect(await inspection(base, tdx5)).to.equal("passes");
  });
});
