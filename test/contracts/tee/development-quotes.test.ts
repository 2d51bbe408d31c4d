import { expect } from "chai";
import { hexlify } from "ethers";

import { flipped } from "../../../workers/tee/development/authority.ts";
import { bodyAt, type Form, FORMS, reportDataAt } from "../../../workers/tee/development/quote.ts";
import { quote, type QuoteSpec } from "./development.ts";
import {
  bare,
  CHAIN,
  collateralOnly,
  DATES,
  inspection,
  networkHelpers,
  served,
  goBackInTime,
  passTimeUntil,
} from "./fixture.ts";
import { WRONG_QUOTES } from "./wrong-quotes.ts";

const load = () => networkHelpers.loadFixture(served);
const byte = (value: number) => Buffer.from([value]);

afterEach(goBackInTime);

describe("quotes of all forms under a development root", () => {
  for (const form of FORMS)
    it(`verify, by collateral and with lists: ${form}`, async () => {
      const { verifier } = await load();
      const signed = quote({ form, chain: CHAIN });
      const { report, byCollateral, listsCurrent, status, isTdx, version } = await verifier.inspect(signed);
      const data = bodyAt(form) + reportDataAt(form);
      expect(report.reportDataHigh).to.equal(hexlify(signed.subarray(data, data + 32)));
      expect(report.reportDataLow).to.equal(hexlify(signed.subarray(data + 32, data + 64)));
      expect([byCollateral, listsCurrent, status, isTdx, version]).to.deep.equal([
        true,
        true,
        1n,
        !form.startsWith("sgx"),
        BigInt(form.at(-1) ?? 0),
      ]);
      expect(report.validUntil).to.equal(BigInt(DATES.nextUpdate));
    });

  it("are marked as simulated", async () => {
    expect(await (await load()).verifier.isSimulated()).to.equal(true);
  });

  it("have the same measurement in all versions, and in TD 1.5 another only for a service TD", async () => {
    const { verifier } = await load();
    const measured = async (form: Form, body = {}) =>
      (await verifier.verify(quote({ form, chain: CHAIN, body }))).measurement;
    expect(await measured("sgx-v4")).to.equal(await measured("sgx-v3"));
    expect(await measured("sgx-v5")).to.equal(await measured("sgx-v3"));
    expect(await measured("td10-v5")).to.equal(await measured("td10-v4"));
    expect(await measured("td15-v5")).to.not.equal(await measured("td10-v5"));
    expect(await measured("td15-v5", { 600: Buffer.alloc(48) })).to.equal(await measured("td10-v5"));
  });

  describe("are measured by what identifies code and configuration, and by nothing else", () => {
    const identity: Record<"sgx" | "td", readonly (readonly [from: number, to: number])[]> = {
      sgx: [
        [32, 56],
        [64, 96],
        [128, 160],
        [192, 262],
        [304, 320],
      ],
      td: [
        [120, 520],
        [600, 648],
      ],
    };
    for (const form of ["sgx-v3", "td10-v4", "td15-v5"] as const)
      it(form, async () => {
        const { verifier } = await load();
        const bytes = { "sgx-v3": 384, "td10-v4": 584, "td15-v5": 648 }[form];
        const plain = quote({ form, chain: CHAIN });
        const { measurement } = await verifier.verify(plain);
        const ranges = identity[form === "sgx-v3" ? "sgx" : "td"];
        const edges = ranges.flatMap(([from, to]) => [from - 1, from, to - 1, to]);
        const tens = Array.from({ length: bytes / 24 }, (_, i) => i * 24);
        for (const i of [...edges, ...tens].filter((offset) => offset >= 0 && offset < bytes)) {
          // Bit 6 of a byte: neither debug bits nor the versions that the collateral looks at fall under it.
          const isTcb = form !== "sgx-v3" && (i < 16 || (i >= 64 && i <= 120));
          if (isTcb) continue;
          const changed = byte((plain[bodyAt(form) + i] ?? 0) ^ 0x40);
          const report = await verifier.verify(quote({ form, chain: CHAIN, body: { [i]: changed } }));
          const isIdentity = ranges.some(([from, to]) => i >= from && i < to);
          expect(report.measurement !== measurement, `byte ${i}`).to.equal(isIdentity);
        }
      });
  });

  it("may have auth data of any length, and zeros behind them", async () => {
    const base = await load();
    for (const length of [0, 1, 32, 500])
      expect(
        await inspection(base, quote({ form: "td10-v4", chain: CHAIN, authData: Buffer.alloc(length, 9) })),
      ).to.equal("passes");
    const signed = quote({ form: "td10-v4", chain: CHAIN });
    for (const length of [1, 31, 32, 33, 3000])
      expect(await inspection(base, Buffer.concat([signed, Buffer.alloc(length)]))).to.equal("passes");
  });

  it("may have chains that end with a zero, or not", async () => {
    const base = await load();
    const chain = Buffer.concat([CHAIN, byte(0)]);
    expect(await inspection(base, quote({ form: "sgx-v3", chain }))).to.equal("passes");
  });

  it("say the same with either of the two signatures that differ in the sign of s", async () => {
    const { verifier } = await load();
    const spec: QuoteSpec = { form: "td10-v4", chain: CHAIN };
    const report = await verifier.inspect(quote(spec));
    expect(await verifier.inspect(quote({ ...spec, signature: flipped }))).to.deep.equal(report);
    expect(await verifier.inspect(quote({ ...spec, qeSignature: flipped }))).to.deep.equal(report);
  });
});

describe("a quote is refused", () => {
  for (const [what, wrong, error] of WRONG_QUOTES)
    it(`${what}: ${error}`, async () => {
      expect(await inspection(await load(), wrong)).to.equal(error);
    });

  const plain = quote({ form: "td15-v5", chain: CHAIN });

  it("without collateral and without a minimum: TcbInfoMissing", async () => {
    expect(await inspection(await networkHelpers.loadFixture(bare), plain)).to.equal("TcbInfoMissing");
  });

  it("without the revocation lists that a deployment needs: ListsNotCurrent", async () => {
    const base = await networkHelpers.loadFixture(collateralOnly);
    expect(await inspection(base, plain)).to.equal("ListsNotCurrent");
    await base.collateral.requireLists(false);
    expect((await base.verifier.inspect(plain)).listsCurrent).to.equal(false);
  });

  it("when its collateral is out of date: CollateralNotCurrent", async () => {
    const base = await load();
    await passTimeUntil(DATES.nextUpdate - 1);
    expect(await inspection(base, plain)).to.equal("passes");
    await passTimeUntil(DATES.nextUpdate);
    expect(await inspection(base, plain)).to.equal("CollateralNotCurrent");
  });
});
