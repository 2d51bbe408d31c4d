import { readFileSync } from "node:fs";

import { expect } from "chai";
import fc from "fast-check";
import { concat, encodeBytes32String, hexlify, keccak256, zeroPadBytes, ZeroHash } from "ethers";

import { developmentPlatform } from "../../../../workers/tee/development/development-platform.ts";
import { TeeError } from "../../../../workers/tee/error.ts";
import { describeQuote } from "../../../../workers/tee/quote/describe-quote.ts";
import { measurementOf } from "../../../../workers/tee/quote/measurement.ts";
import { parseQuote } from "../../../../workers/tee/quote/parse-quote.ts";
import { readEnclaveIdentity } from "../../../../workers/tee/verify/enclave-identity.ts";
import { readTcbInfo } from "../../../../workers/tee/verify/tcb-info.ts";
import { readCertificate } from "../../../../workers/tee/x509/certificate.ts";
import { decodePem, encodePem, endOfPem } from "../../../../workers/tee/x509/pem.ts";
import { readEntry, readRevocationList } from "../../../../workers/tee/x509/revocation-list.ts";

const START = Date.UTC(2026, 0, 15) / 1000;
const read = (name: string) => readFileSync(new URL(`../../../fixtures/dcap/${name}`, import.meta.url));
const fromHex = (name: string) => Buffer.from(read(name).toString("latin1").trim(), "hex");
const SGX3 = fromHex("quotev3.hex");
const TDX4 = fromHex("quotev4.hex");
const TDX5 = read("quotev5.dat");
const QUOTES = [SGX3, TDX4, TDX5];

/** True if it returns or throws a typed error; everything else goes up. */
function isTyped(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof TeeError) return true;
    throw error;
  }
}

describe("a quote taken apart", () => {
  it("has every field of SGX where Intel puts it", () => {
    const { header, body, qeReport, signed, authData, padding } = parseQuote(SGX3);
    expect([header.version, header.teeType, signed.length, authData.length, padding]).to.deep.equal([3, 0, 432, 32, 0]);
    if (body.kind !== "sgx") throw new Error("no report of SGX");
    expect(hexlify(body.mrEnclave)).to.equal(hexlify(SGX3.subarray(48 + 64, 48 + 96)));
    expect(hexlify(body.reportData)).to.equal(hexlify(SGX3.subarray(48 + 320, 48 + 384)));
    expect(hexlify(qeReport.mrSigner)).to.equal("0x8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff");
    expect([qeReport.isvProdId, qeReport.isvSvn]).to.deep.equal([1, 9]);
  });

  it("has every field of TDX where Intel puts it", () => {
    const { header, body, padding } = parseQuote(TDX5);
    expect([header.version, header.teeType, padding]).to.deep.equal([5, 0x81, 0]);
    if (body.kind !== "td15") throw new Error("no report of TD 1.5");
    expect(hexlify(body.mrTd)).to.equal(hexlify(TDX5.subarray(54 + 136, 54 + 184)));
    expect(hexlify(body.rtmr3)).to.equal(hexlify(TDX5.subarray(54 + 472, 54 + 520)));
    expect(hexlify(body.mrServiceTd ?? "0x")).to.equal(hexlify(TDX5.subarray(54 + 600, 54 + 648)));
    expect(parseQuote(TDX4)).to.have.nested.property("body.kind", "td10");
    expect(parseQuote(TDX4).padding).to.be.greaterThan(2000);
  });

  it("has the measurement that is defined for it", () => {
    const parts = [
      [64, 96],
      [128, 160],
      [32, 48],
      [304, 320],
      [192, 256],
      [256, 262],
      [48, 56],
    ].map(([from = 0, to = 0]) => SGX3.subarray(48 + from, 48 + to));
    const sgx = keccak256(concat([encodeBytes32String("assay.measurement.sgx"), ...parts]));
    expect(measurementOf(parseQuote(SGX3).body)).to.equal(sgx);
    const tag = encodeBytes32String("assay.measurement.tdx");
    const td10 = keccak256(concat([tag, TDX4.subarray(168, 568), zeroPadBytes(ZeroHash, 48)]));
    expect(measurementOf(parseQuote(TDX4).body)).to.equal(td10);
    const td15 = keccak256(concat([tag, TDX5.subarray(174, 574), TDX5.subarray(654, 702)]));
    expect(measurementOf(parseQuote(TDX5).body)).to.equal(td15);
  });

  it("is left as it was", () => {
    const copy = Buffer.from(TDX5);
    describeQuote(parseQuote(copy), START);
    expect(copy.equals(TDX5)).to.equal(true);
  });

  it("is described with its certificates and without warnings, if Intel's root is at the end of them", () => {
    const { fields, warnings } = describeQuote(parseQuote(TDX5), START);
    expect(fields.certificates).to.have.length(3);
    expect(fields).to.have.nested.property(
      "certificates[0].subject",
      "CN=Intel SGX PCK Certificate, O=Intel Corporation, L=Santa Clara, ST=CA, C=US",
    );
    expect(fields).to.have.nested.property("certificates[0].notAfter", "2032-06-14T16:04:26Z");
    expect(warnings).to.deep.equal([]);
    expect(describeQuote(parseQuote(TDX5), Date.UTC(2040, 0) / 1000).warnings).to.have.length(2);
  });

  it("is described although its chain cannot be read", () => {
    const broken = Buffer.from(SGX3);
    broken[broken.lastIndexOf("-----END")] = 0x20;
    expect(describeQuote(parseQuote(broken), START).warnings).to.deep.equal(["its last certificate cannot be read"]);
  });
});

describe("whatever the bytes are, reading them ends in a typed error or not at all", () => {
  const noise = fc.uint8Array({ maxLength: 600 });

  /** Valid bytes with a piece taken out and another put in. */
  const spoiled = (samples: readonly Uint8Array[]) =>
    fc
      .record({
        valid: fc.constantFrom(...samples),
        place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        removed: fc.nat(40),
        added: fc.uint8Array({ maxLength: 40 }),
      })
      .map(({ valid, place, removed, added }) => {
        const from = Math.floor(place * valid.length);
        return Buffer.concat([valid.subarray(0, from), added, valid.subarray(from + removed)]);
      });

  const chain = parseQuote(SGX3).chain;
  const certificates = [0, 1, 2].reduce<{ found: Uint8Array[]; pos: number }>(
    ({ found, pos }) => {
      const end = endOfPem(chain, pos);
      return { found: [...found, decodePem(chain.subarray(pos, end))], pos: end };
    },
    { found: [], pos: 0 },
  ).found;

  const dates = { issuedAt: START, nextUpdate: START + 86_400 };
  const { tcbInfos, identities, lists } = developmentPlatform(`0x${"5e".repeat(32)}`).collateral(dates);
  const readers: Record<string, readonly [samples: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown]> = {
    "of a quote": [QUOTES, (bytes) => describeQuote(parseQuote(bytes), START)],
    "of a certificate": [certificates, readCertificate],
    "of PEM": [certificates.map(encodePem), (bytes) => decodePem(bytes.subarray(0, endOfPem(bytes, 0)))],
    "of TCB info": [tcbInfos.map(([text]) => text), readTcbInfo],
    "of an identity": [identities.map(([text]) => text), readEnclaveIdentity],
    "of a revocation list": [
      lists.map(({ list }) => list),
      (bytes) => {
        const list = readRevocationList(bytes);
        return readEntry(list, list.entriesFrom);
      },
    ],
  };
  for (const [what, [samples, reader]] of Object.entries(readers))
    it(what, () => {
      fc.assert(
        fc.property(fc.oneof(noise, spoiled(samples)), (bytes) => isTyped(() => reader(bytes))),
        { numRuns: 400 },
      );
    });

  it("of PEM that was encoded is what was encoded", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1900 }), (der) => {
        const pem = encodePem(der);
        expect(endOfPem(pem, 0)).to.equal(pem.length);
        expect(hexlify(decodePem(pem))).to.equal(hexlify(der));
      }),
    );
  });
});
