import { encode } from "cborg";
import { expect } from "chai";
import { concat, encodeBytes32String, hexlify, keccak256 } from "ethers";

import { flipped384, type NitroDocumentSpec } from "../../../../workers/tee/development/nitro.ts";
import { TeeError } from "../../../../workers/tee/error.ts";
import { nitroMeasurement } from "../../../../workers/tee/measure/nitro-measurement.ts";
import { verifyNitroDocument } from "../../../../workers/tee/nitro/index.ts";
import {
  certificate,
  type Contracts,
  DAY,
  document,
  DOCUMENT,
  ENCLAVE,
  goBackInTime,
  idOf,
  INSTANCE,
  MAX_AGE,
  networkHelpers,
  outcome,
  passTimeUntil,
  pcr,
  remembered,
  REPORT_DATA,
  ROOT,
  SIGNERS,
  START,
  ZONE,
} from "./fixture.ts";

/** The code by which a document is refused off chain. */
function offChain(quote: Uint8Array): string {
  try {
    verifyNitroDocument(quote, { now: START, root: ROOT });
    return "passes";
  } catch (error) {
    return error instanceof TeeError ? error.code : String(error);
  }
}

const load = () => networkHelpers.loadFixture(remembered);
const verify = (base: Contracts, quote: Uint8Array) => outcome(base, base.verifier, "verify", quote);
const hex = (text: string) => Buffer.from(text, "hex");

afterEach(goBackInTime);

describe("a document of Nitro", () => {
  it("verifies: what runs, what it binds, and until when it counts", async () => {
    const { verifier } = await load();
    for (const isIndefinite of [false, true]) {
      const report = await verifier.verify(document({ isIndefinite }));
      expect(report.measurement).to.equal(nitroMeasurement({ pcr0: pcr(1), pcr1: pcr(2), pcr2: pcr(3) }));
      expect(report.measurement).to.equal(
        keccak256(concat([encodeBytes32String("assay.measurement.nitro"), pcr(1), pcr(2), pcr(3)])),
      );
      expect(report.reportDataHigh).to.equal(hexlify(REPORT_DATA.subarray(0, 32)));
      expect(report.reportDataLow).to.equal(hexlify(REPORT_DATA.subarray(32)));
      expect(report.validUntil).to.equal(BigInt(START + MAX_AGE));
    }
  });

  it("is marked as simulated, and named by its kind", async () => {
    const { verifier } = await load();
    expect(await verifier.isSimulated()).to.equal(true);
    expect(await verifier.kind()).to.equal(encodeBytes32String("nitro"));
  });

  it("verifies with a tag, with fields left out, in another order, and with either form of the signature", async () => {
    const base = await load();
    expect(await verify(base, document({ isTagged: true }))).to.equal("passes");
    expect(await verify(base, document({ signature: flipped384 }))).to.equal("passes");
    const { certificate: cert, bundle, pcrs, timestamp } = DOCUMENT;
    const registers = new Map(Object.entries(pcrs).map(([number, value]) => [Number(number), value]));
    const fields = { user_data: REPORT_DATA, cabundle: bundle, certificate: cert, pcrs: registers, timestamp };
    const map = encode(new Map(Object.entries({ ...fields, digest: "SHA384", module_id: "i" })));
    expect(await verify(base, document({ payload: () => map }))).to.equal("passes");
  });

  it("says what else it has in it when it is inspected", async () => {
    const { verifier } = await load();
    const spec = { userData: hex("0102"), timestamp: START * 1000 - 9_000_000, pcrs: { 1: pcr(2) } };
    const found = await verifier.inspect(document({ ...spec, fields: { nonce: hex("aa"), public_key: hex("bbcc") } }));
    expect([found.userData, found.nonce, found.publicKey]).to.deep.equal(["0x0102", "0xaa", "0xbbcc"]);
    expect([found.isDebug, found.timestamp, found.certificate]).to.deep.equal([
      true,
      BigInt(START - 9000),
      idOf(ENCLAVE),
    ]);
  });

  it("is measured by PCR0, PCR1 and PCR2, and by nothing else", async () => {
    const { verifier } = await load();
    const measured = async (pcrs: NitroDocumentSpec["pcrs"]) =>
      (await verifier.verify(document({ pcrs: { ...DOCUMENT.pcrs, ...pcrs } }))).measurement;
    const plain = await measured({});
    for (const number of [0, 1, 2]) expect(await measured({ [number]: pcr(9) })).to.not.equal(plain);
    expect(await measured({ 3: pcr(9), 4: pcr(9), 8: pcr(9) })).to.equal(plain);
  });

  it("is refused under a signature that its signer did not make", async () => {
    const base = await load();
    expect(await verify(base, document({ signer: SIGNERS.instance }))).to.equal("DocumentSignature");
    expect(await verify(base, document({ signature: () => Buffer.alloc(96) }))).to.equal("DocumentSignature");
    const [one, two] = [document(), document({ pcrs: { ...DOCUMENT.pcrs, 0: pcr(7) } })];
    const mixed = Buffer.concat([one.subarray(0, -96), two.subarray(-96)]);
    expect(await verify(base, mixed)).to.equal("DocumentSignature");
  });

  it("is refused when its signer is unknown, or an authority", async () => {
    const base = await load();
    const other = certificate("enclave", { notAfter: START + 2 * DAY });
    expect(await verify(base, document({ certificate: other }))).to.equal("CertificateUnknown");
    expect(await verify(base, document({ certificate: INSTANCE, signer: SIGNERS.instance }))).to.equal("NotASigner");
  });

  it("is refused in debug mode, and when it binds anything but 64 bytes", async () => {
    const base = await load();
    expect(await verify(base, document({ pcrs: { 1: pcr(2), 2: pcr(3) } }))).to.equal("DebugEnclave");
    for (const userData of [null, Buffer.alloc(0), REPORT_DATA.subarray(1), Buffer.concat([REPORT_DATA, hex("00")])])
      expect(await verify(base, document({ userData }))).to.equal("UserDataLength");
  });

  it("is refused when it is from the future or an hour old, so that none is replayed", async () => {
    const base = await load();
    const now = await networkHelpers.time.latest();
    const at = (seconds: number) => verify(base, document({ timestamp: (now + seconds) * 1000 }));
    expect(await at(240)).to.equal("passes");
    expect(await at(360)).to.equal("DocumentFromFuture");
    expect(await at(-3500)).to.equal("passes");
    expect(await at(-3700)).to.equal("DocumentStale");
  });

  it("is refused while a certificate above it is not valid yet or any more", async () => {
    const base = await load();
    const early = certificate("enclave", { notBefore: START + 3600 });
    await base.certificates.remember(early, idOf(INSTANCE));
    expect(await verify(base, document({ certificate: early }))).to.equal("CertificateNotYetValid");
    await passTimeUntil(START + 3600);
    expect(await verify(base, document({ certificate: early, timestamp: (START + 3600) * 1000 }))).to.equal("passes");
    await passTimeUntil(START + DAY + 1);
    const late = document({ timestamp: (START + DAY) * 1000 });
    expect(await verify(base, late)).to.equal("CertificateExpired");
    expect(await outcome(base, base.verifier, "inspect", late)).to.equal("CertificateExpired");
  });

  it("is refused while a certificate above it is distrusted, and then its standing is revoked", async () => {
    const base = await load();
    expect(await base.verifier.standingOf(document())).to.equal(0n);
    for (const authority of [ENCLAVE, ZONE, ROOT]) {
      await base.certificates.trust(idOf(authority), false);
      expect(await verify(base, document())).to.equal("CertificateDistrusted");
      expect(await outcome(base, base.verifier, "inspect", document())).to.equal("CertificateDistrusted");
      expect(await base.verifier.standingOf(document())).to.equal(2n);
      await base.certificates.trust(idOf(authority), true);
    }
  });

  it("stands when all dates have passed, and otherwise has the reason in place of a standing", async () => {
    const base = await load();
    const standing = (quote: Uint8Array) => outcome(base, base.verifier, "standingOf", quote);
    await passTimeUntil(START + 40 * DAY);
    expect(await base.verifier.standingOf(document())).to.equal(0n);
    expect(await standing(document({ pcrs: {} }))).to.equal("DebugEnclave");
    expect(await standing(document({ userData: null }))).to.equal("UserDataLength");
    await base.certificates.trust(idOf(ZONE), false);
    expect(await standing(document({ signer: SIGNERS.zone }))).to.equal("DocumentSignature");
  });

  it("never has a standing for want of gas", async () => {
    const base = await load();
    await base.certificates.trust(idOf(ZONE), false);
    for (const gasLimit of [400_000n, 900_000n, 1_900_000n, 2_900_000n]) {
      const standing = base.verifier.standingOf(document(), { gasLimit });
      expect(await standing.then(String, () => "fails")).to.equal("fails");
    }
  });

  describe("is refused when it is not of the one form that is read:", () => {
    const valid = document();
    const withFields = (fields: Record<string, unknown>) => document({ fields });
    const insert = (from: number, to: number, text: string) =>
      Buffer.concat([valid.subarray(0, from), hex(text), valid.subarray(to)]);
    const inPayload = (change: (map: Buffer) => Uint8Array) => document({ payload: (map) => change(Buffer.from(map)) });
    const registers = (...entries: readonly (readonly [number, Uint8Array])[]) => ({ pcrs: new Map(entries) });
    const [one, two, three] = [pcr(1), pcr(2), pcr(3)];

    const wrong: Record<string, readonly [error: string, document: Uint8Array]> = {
      nothing: ["CborTruncated", Buffer.alloc(0)],
      "too long": ["DocumentTooLong", Buffer.alloc(16_385)],
      "bytes after it": ["CborTrailingBytes", Buffer.concat([valid, hex("00")])],
      "cut off": ["CborTruncated", valid.subarray(0, -1)],
      "cut off in the header": ["CborTruncated", valid.subarray(0, 5)],
      "another tag": ["DocumentAlgorithm", Buffer.concat([hex("d1"), valid])],
      "no array": ["CborUnexpected", insert(0, 1, "a4")],
      "three parts": ["CborLength", insert(0, 1, "83")],
      ES256: ["DocumentAlgorithm", document({ protectedHeader: hex("a10126") })],
      "more in the protected header": ["DocumentAlgorithm", document({ protectedHeader: hex("a20138220400") })],
      "something in the other header": ["DocumentAlgorithm", insert(6, 7, "a10100")],
      "a short signature": ["CborLength", document({ signature: () => Buffer.alloc(95) })],
      "a number longer than it must be": ["CborLength", insert(7, 10, `5a0000${valid.toString("hex", 8, 10)}`)],
      "a payload that goes beyond the end": ["CborTruncated", insert(8, 10, "3fff")],
      "a payload that is no map": ["CborUnexpected", inPayload(() => encode([1]))],
      "more after the map": ["CborTrailingBytes", inPayload((map) => Buffer.concat([map, hex("00")]))],
      "no end of the map": ["CborTruncated", inPayload((map) => Buffer.concat([hex("bf"), map.subarray(1, -8)]))],
      "more fields than there are": ["CborLength", inPayload((map) => Buffer.concat([hex("aa"), map.subarray(1)]))],
      "a field twice": ["DocumentFieldTwice", inPayload(() => hex("a2656e6f6e6365f6656e6f6e6365f6"))],
      "an unknown field": ["DocumentFieldUnknown", inPayload(() => encode(new Map([["nonces", null]])))],
      "a tenth field": [
        "DocumentFieldUnknown",
        inPayload((map) => Buffer.concat([hex("bf"), map.subarray(1), hex("616100ff")])),
      ],
      "fields missing": ["DocumentFieldMissing", inPayload(() => encode(new Map([["nonce", null]])))],
      "an empty module": ["CborLength", withFields({ module_id: "" })],
      "SHA-256": ["DocumentValue", withFields({ digest: "SHA256" })],
      "no time": ["DocumentValue", withFields({ timestamp: 0 })],
      "a negative time": ["CborUnexpected", withFields({ timestamp: -1 })],
      "two registers": ["CborLength", withFields(registers([0, one], [1, two]))],
      "a register missing": ["DocumentValue", withFields(registers([0, one], [1, two], [3, three]))],
      "a register that is not there": [
        "DocumentValue",
        withFields(registers([0, one], [1, two], [2, three], [32, three])),
      ],
      "a short register": ["CborLength", withFields(registers([0, one], [1, two], [2, three.subarray(1)]))],
      "no certificates above": ["CborLength", withFields({ cabundle: [] })],
      "too many certificates": ["CborLength", withFields({ cabundle: Array.from({ length: 9 }, () => ROOT) })],
      "an empty certificate": ["CborLength", withFields({ certificate: Buffer.alloc(0) })],
      "a certificate that is too long": ["CborLength", withFields({ cabundle: [Buffer.alloc(1025)] })],
      "user data that is too long": ["CborLength", document({ userData: Buffer.alloc(1025) })],
      "user data that is text": ["CborUnexpected", withFields({ user_data: "text" })],
    };
    for (const [what, [error, quote]] of Object.entries(wrong))
      it(what, async () => {
        expect(await verify(await load(), quote)).to.equal(error);
        expect(offChain(quote)).to.equal(error);
      });
  });
});
