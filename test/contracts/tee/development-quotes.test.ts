import { expect } from "chai";
import { hexlify } from "ethers";

import { flipped } from "../../../workers/tee/development/authority.ts";
import { bodyAt, type Form, FORMS, reportDataAt } from "../../../workers/tee/development/quote.ts";
import { quote, type QuoteSpec, signerOf } from "./development.ts";
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

const load = () => networkHelpers.loadFixture(served);
const byte = (value: number) => Buffer.from([value]);
const ORDER = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");

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
  const refusals: Record<string, readonly [spec: Omit<QuoteSpec, "chain">, error: string]> = {
    "of version 2": [{ form: "sgx-v3", header: { 0: byte(2) } }, "QuoteVersion"],
    "of version 6": [{ form: "sgx-v3", header: { 0: byte(6) } }, "QuoteVersion"],
    "with a key of another kind": [{ form: "sgx-v3", header: { 2: byte(3) } }, "QuoteKeyType"],
    "of an unknown kind of hardware": [{ form: "td10-v4", header: { 4: byte(0x82) } }, "QuoteTeeType"],
    "of TDX in version 3": [{ form: "sgx-v3", header: { 4: byte(0x81) } }, "QuoteTeeType"],
    "of another maker's quoting enclave": [{ form: "sgx-v3", header: { 12: byte(0) } }, "QuoteVendor"],
    "of SGX that says TDX": [{ form: "sgx-v5", header: { 4: byte(0x81) } }, "QuoteBody"],
    "of TDX that says SGX": [{ form: "td10-v5", header: { 4: byte(0) } }, "QuoteBody"],
    "of an enclave that can be debugged": [{ form: "sgx-v3", body: { 48: byte(7) } }, "DebugEnclave"],
    "of a TD that can be debugged": [{ form: "td10-v4", body: { 120: byte(1) } }, "DebugEnclave"],
    "of a TD 1.5 that can be debugged": [{ form: "td15-v5", body: { 120: byte(0x80) } }, "DebugEnclave"],
    "by a quoting enclave that can be debugged": [
      { form: "sgx-v3", qeReport: { 48: byte(0x17) } },
      "QuotingEnclaveDebug",
    ],
    "by a quoting enclave of another signer": [{ form: "sgx-v3", qeReport: { 128: byte(1) } }, "QuotingEnclaveUnknown"],
    "by another quoting enclave of the signer": [
      { form: "sgx-v3", qeReport: { 256: byte(2) } },
      "QuotingEnclaveUnknown",
    ],
    "by a quoting enclave with other attributes": [
      { form: "sgx-v3", qeReport: { 48: byte(0x35) } },
      "QuotingEnclaveUnknown",
    ],
    "by a quoting enclave with another MISCSELECT": [
      { form: "sgx-v3", qeReport: { 16: byte(1) } },
      "QuotingEnclaveUnknown",
    ],
    "by an old quoting enclave": [{ form: "td10-v4", qeReport: { 258: byte(5) } }, "TcbStatusRefused"],
    "with another attestation key than vouched for": [
      { form: "sgx-v3", qeReport: { 320: byte(1) } },
      "AttestationKeyMismatch",
    ],
    "with more report data of the quoting enclave": [
      { form: "sgx-v3", qeReport: { 383: byte(1) } },
      "AttestationKeyMismatch",
    ],
    "signed by another PCK": [{ form: "sgx-v3", pck: signerOf("somebody") }, "QuotingEnclaveSignature"],
    "with s beyond the order": [
      { form: "sgx-v3", signature: (valid) => Buffer.concat([valid.slice(0, 32), ORDER]) },
      "QuoteSignature",
    ],
    "with s zero": [
      { form: "sgx-v3", signature: (valid) => Buffer.concat([valid.slice(0, 32), Buffer.alloc(32)]) },
      "QuoteSignature",
    ],
    "with r zero": [
      { form: "sgx-v3", qeSignature: (valid) => Buffer.concat([Buffer.alloc(32), valid.slice(32)]) },
      "QuotingEnclaveSignature",
    ],
    "with r beyond the order": [
      { form: "sgx-v3", qeSignature: (valid) => Buffer.concat([ORDER, valid.slice(32)]) },
      "QuotingEnclaveSignature",
    ],
    "of a TDX module of another signer": [{ form: "td10-v4", body: { 64: byte(1) } }, "TdxModuleUnknown"],
    "of a TDX module with other attributes": [{ form: "td10-v4", body: { 112: byte(1) } }, "TdxModuleUnknown"],
    "of a TDX module that is not listed": [{ form: "td10-v4", body: { 1: byte(9) } }, "TdxModuleUnknown"],
    "of an old TDX module": [{ form: "td10-v4", body: { 0: byte(3) } }, "TcbStatusRefused"],
    "of an old TDX loader": [{ form: "td10-v4", body: { 2: byte(6) } }, "TcbStatusRefused"],
    "of a module of version 0 that is not Intel's": [
      { form: "td10-v4", body: { 1: byte(0), 64: byte(1) } },
      "TdxModuleUnknown",
    ],
  };
  for (const [name, [spec, error]] of Object.entries(refusals))
    it(`${name}: ${error}`, async () => {
      expect(await inspection(await load(), quote({ ...spec, chain: CHAIN }))).to.equal(error);
    });

  const plain = quote({ form: "td15-v5", chain: CHAIN });
  const patched = (offset: number, value: number) =>
    Buffer.concat([plain.subarray(0, offset), byte(value), plain.subarray(offset + 1)]);
  const frame = 54 + 648 + 4 + 128;
  const misfits: Record<string, readonly [quote: Buffer, error: string]> = {
    "that is empty": [Buffer.alloc(0), "QuoteLength"],
    "that ends in the header": [plain.subarray(0, 53), "QuoteLength"],
    "that ends in the body": [plain.subarray(0, 300), "QuoteLength"],
    "that ends in the chain": [plain.subarray(0, -1), "QuoteLength"],
    "that goes on": [Buffer.concat([plain, byte(1)]), "QuotePadding"],
    "that goes on after zeros": [Buffer.concat([plain, Buffer.alloc(40), byte(1)]), "QuotePadding"],
    "that is too long": [Buffer.concat([plain, Buffer.alloc(16_384 - plain.length + 1)]), "QuoteTooLong"],
    "with another kind of body": [patched(48, 4), "QuoteBody"],
    "with another length of the body": [patched(50, 0x89), "QuoteBody"],
    "with the length of TD 1.0 for a TD 1.5": [patched(48, 2), "QuoteBody"],
    "with a huge length of the rest": [patched(54 + 648 + 3, 0xff), "QuoteLength"],
    "with another frame around the report": [patched(frame, 5), "QuoteCertificationData"],
    "with a shorter frame around the report": [patched(frame + 2, (plain[frame + 2] ?? 0) - 1), "QuoteLength"],
    "with other certification data": [patched(frame + 6 + 384 + 64 + 2 + 32, 1), "QuoteCertificationData"],
    "with auth data beyond the end": [patched(frame + 6 + 384 + 64 + 1, 0xff), "QuoteLength"],
  };
  for (const [name, [wrong, error]] of Object.entries(misfits))
    it(`${name}: ${error}`, async () => {
      expect(await inspection(await load(), wrong)).to.equal(error);
    });

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
