import { expect } from "chai";
import { sha256, ZeroHash } from "ethers";

import {
  authorityOf,
  BASIC_CONSTRAINTS,
  critical,
  ECDSA_WITH_SHA256,
  extension,
  KEY_USAGE,
  noAuthority,
  usageOfAuthority,
} from "../../../../workers/tee/development/authority.ts";
import { bits, integer, oid, sequence, time, tlv, yes } from "../../../../workers/tee/development/der.ts";
import {
  ECDSA_WITH_SHA384,
  flipped384,
  nitroPartsOf,
  nitroSignerOf,
} from "../../../../workers/tee/development/nitro.ts";
import { TeeError } from "../../../../workers/tee/error.ts";
import { type NitroVerified, openBelow, openNitroRoot } from "../../../../workers/tee/nitro/certificate.ts";
import {
  AWS_ROOT,
  bare,
  certificate,
  type Contracts,
  DAY,
  deployUnder,
  ENCLAVE,
  ethers,
  idOf,
  INSTANCE,
  networkHelpers,
  outcome,
  REGION,
  remembered,
  rememberAll,
  ROOT,
  SECRET,
  SIGNERS,
  SPECS,
  START,
  ZONE,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(bare);
const loadAll = () => networkHelpers.loadFixture(remembered);
const remember = (base: Contracts, what: Uint8Array, issuer: string) =>
  outcome(base, base.certificates, "remember", what, issuer);
/** The code by which a certificate is refused off chain. */
function offChain(der: Uint8Array, above: NitroVerified): string {
  try {
    openBelow(der, above);
    return "passes";
  } catch (error) {
    return error instanceof TeeError ? error.code : String(error);
  }
}

const hex = (text: string) => Buffer.from(text, "hex");

describe("the root of Nitro's certificates", () => {
  it("is simulated unless it is that of AWS, which signs itself", async () => {
    const { certificates } = await load();
    expect(await certificates.isSimulated()).to.equal(true);
    expect(sha256(AWS_ROOT)).to.equal("0x641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b");
    const real = await deployUnder(AWS_ROOT);
    expect(await real.certificates.isSimulated()).to.equal(false);
    expect(await real.certificates.ROOT()).to.equal(idOf(AWS_ROOT));
    const { isAuthority, issuer, notBefore, notAfter } = await real.certificates.certificateOf(idOf(AWS_ROOT));
    expect([isAuthority, issuer, notBefore, notAfter]).to.deep.equal([
      true,
      ZeroHash,
      BigInt(Date.UTC(2019, 9, 28, 13, 28, 5) / 1000),
      BigInt(Date.UTC(2049, 9, 28, 14, 28, 5) / 1000),
    ]);
  });

  it("must be an authority that signs itself", async () => {
    const base = await load();
    const deploy = (root: Uint8Array) => ethers.deployContract("NitroCertificates", [base.manager, base.p384, root]);
    const wrong = [
      [REGION, "IssuerMismatch"],
      [certificate("root", { issuer: { ...SIGNERS.region, name: SIGNERS.root.name } }), "CertificateSignature"],
      [certificate("root", { extensions: [noAuthority, usageOfAuthority] }), "NotASigner"],
      [certificate("root", { extensions: [noAuthority, extension(KEY_USAGE, bits(7, hex("80")))] }), "NotAnAuthority"],
    ] as const;
    for (const [root, error] of wrong)
      await expect(deploy(root)).to.be.revertedWithCustomError(base.certificates, error);
  });
});

describe("a certificate of Nitro", () => {
  it("is remembered below its issuer, by what was signed", async () => {
    const { certificates } = await load();
    await expect(certificates.remember(REGION, idOf(ROOT)))
      .to.emit(certificates, "CertificateRemembered")
      .withArgs(idOf(REGION), idOf(ROOT), START + DAY);
    const found = await certificates.certificateOf(idOf(REGION));
    expect([found.issuer, found.serial, found.isAuthority, found.pathLength]).to.deep.equal([
      idOf(ROOT),
      SIGNERS.region.serial,
      true,
      2n,
    ]);
    expect(found.key.x.high).to.equal(BigInt(`0x${Buffer.from(SIGNERS.region.point.slice(0, 16)).toString("hex")}`));
    expect(found.key.y.low).to.equal(BigInt(`0x${Buffer.from(SIGNERS.region.point.slice(64)).toString("hex")}`));
  });

  it("is remembered once, whatever form its signature has", async () => {
    const { certificates } = await loadAll();
    const again = certificate("enclave", { signature: flipped384 });
    expect(idOf(again)).to.equal(idOf(ENCLAVE));
    await expect(certificates.remember(again, idOf(INSTANCE))).to.not.emit(certificates, "CertificateRemembered");
    await expect(certificates.remember(ZONE, ZeroHash)).to.not.emit(certificates, "CertificateRemembered");
  });

  it("has no longer life and no longer path than those above it", async () => {
    const base = await load();
    await base.certificates.remember(certificate("region", { notAfter: START + 9 }), idOf(ROOT));
    const region = idOf(certificate("region", { notAfter: START + 9 }));
    const zone = certificate("zone", { notBefore: START - 3, extensions: [authorityOf(), usageOfAuthority] });
    await base.certificates.remember(zone, region);
    const found = await base.certificates.certificateOf(idOf(zone));
    expect([found.notBefore, found.notAfter, found.pathLength]).to.deep.equal([
      BigInt(START - 3),
      BigInt(START + 9),
      1n,
    ]);
  });

  it("of a signer moves to another certificate of its issuer where it is valid for longer, or trusted", async () => {
    const base = await load();
    await rememberAll(base, [REGION, ZONE]);
    const early = certificate("instance", { notAfter: START + 9 });
    for (const instance of [early, INSTANCE]) await base.certificates.remember(instance, idOf(ZONE));
    const untilBelow = async (instance: Uint8Array) => {
      await base.certificates.remember(ENCLAVE, idOf(instance));
      return (await base.certificates.signerOf(idOf(ENCLAVE))).notAfter;
    };
    expect(await untilBelow(early)).to.equal(BigInt(START + 9));
    expect(await untilBelow(INSTANCE)).to.equal(BigInt(START + DAY));
    expect(await untilBelow(early)).to.equal(BigInt(START + DAY));
    await base.certificates.trust(idOf(INSTANCE), false);
    expect(await untilBelow(early)).to.equal(BigInt(START + 9));
    expect(await base.certificates.distrustedAbove(idOf(ENCLAVE))).to.equal(ZeroHash);
  });

  it("must follow its issuer: none is left out, swapped, or of another root", async () => {
    const base = await load();
    expect(await remember(base, ZONE, idOf(REGION))).to.equal("CertificateUnknown");
    expect(await remember(base, ZONE, idOf(ROOT))).to.equal("IssuerMismatch");
    const other = nitroSignerOf(`0x${"23".repeat(32)}`, SIGNERS.root.name);
    expect(await remember(base, certificate("region", { issuer: other }), idOf(ROOT))).to.equal("CertificateSignature");
    const all = await loadAll();
    const fake = certificate("enclave", { issuer: SIGNERS.enclave, subject: nitroSignerOf(SECRET, "fake") });
    expect(await remember(all, fake, idOf(ENCLAVE))).to.equal("NotAnAuthority");
  });

  it("is no authority below one whose path ends, and none that may not sign", async () => {
    const base = await loadAll();
    const region = openBelow(REGION, openNitroRoot(ROOT));
    const zone = openBelow(ZONE, region);
    const instance = openBelow(INSTANCE, zone);
    const below = certificate("instance", { issuer: SIGNERS.instance, subject: nitroSignerOf(SECRET, "below") });
    const silent = certificate("instance", { extensions: [authorityOf(0), extension(KEY_USAGE, bits(1, hex("02")))] });
    const unsigned = certificate("enclave", { extensions: [noAuthority, extension(KEY_USAGE, bits(5, hex("20")))] });
    for (const [der, issuer, above, error] of [
      [below, INSTANCE, instance, "PathTooLong"],
      [silent, ZONE, zone, "NotAnAuthority"],
      [unsigned, INSTANCE, instance, "NotASigner"],
      [INSTANCE, REGION, region, "IssuerMismatch"],
    ] as const) {
      expect(offChain(der, above)).to.equal(error);
      // That of the instance is remembered, and looked at no more.
      if (der !== INSTANCE) expect(await remember(base, der, idOf(issuer))).to.equal(error);
    }
    await expect(base.certificates.signerOf(idOf(INSTANCE))).to.be.revertedWithCustomError(
      base.certificates,
      "NotASigner",
    );
  });

  it("ends a path after seven authorities where the root sets no limit", async () => {
    const base = await load();
    let above: { id: string; signer: typeof SIGNERS.root } = { id: idOf(ROOT), signer: SIGNERS.root };
    for (let depth = 1; depth <= 8; ++depth) {
      const signer = nitroSignerOf(SECRET, `authority ${depth}`);
      const extensions = [authorityOf(), usageOfAuthority];
      const der = certificate("region", { issuer: above.signer, subject: signer, extensions });
      expect(await remember(base, der, above.id)).to.equal(depth < 8 ? "passes" : "PathTooLong");
      if (depth < 8) await base.certificates.remember(der, above.id);
      above = { id: idOf(der), signer };
    }
  });

  it("is trusted, with all below it, until the administrator distrusts it", async () => {
    const { certificates, stranger, admin } = await loadAll();
    expect(await certificates.distrustedAbove(idOf(ENCLAVE))).to.equal(ZeroHash);
    await expect(certificates.connect(stranger).trust(idOf(ZONE), false)).to.be.revertedWithCustomError(
      certificates,
      "AccessManagedUnauthorized",
    );
    await expect(certificates.connect(admin).trust(idOf(ZONE), false))
      .to.emit(certificates, "CertificateTrusted")
      .withArgs(idOf(ZONE), false);
    for (const below of [ZONE, INSTANCE, ENCLAVE])
      expect(await certificates.distrustedAbove(idOf(below))).to.equal(idOf(ZONE));
    expect(await certificates.distrustedAbove(idOf(REGION))).to.equal(ZeroHash);
    await certificates.trust(idOf(ZONE), true);
    expect(await certificates.distrustedAbove(idOf(ENCLAVE))).to.equal(ZeroHash);
  });

  describe("is refused when it is not of the one form that is read:", () => {
    const parts = nitroPartsOf(SPECS.region);
    const withParts = (change: Partial<typeof parts>) => certificate("region", { parts: change });
    const point = Buffer.concat([Buffer.from([4]), SIGNERS.region.point]);
    const keyOf = (algorithm: string, value: Uint8Array) =>
      sequence(sequence(oid("2a8648ce3d0201"), oid(algorithm)), bits(0, value));
    const withExtensions = (...extensions: readonly Uint8Array[]) => certificate("region", { extensions });
    const signedBy = (...numbers: readonly Uint8Array[]) =>
      sequence(sequence(...Object.values(parts)), ECDSA_WITH_SHA384, bits(0, sequence(...numbers)));

    const wrong: Record<string, readonly [error: string, der: Uint8Array]> = {
      "too long": ["CertificateTooLong", Buffer.alloc(2049)],
      nothing: ["DerTruncated", Buffer.alloc(0)],
      "bytes after it": ["DerTrailingBytes", Buffer.concat([REGION, hex("00")])],
      "cut off": ["DerTruncated", REGION.subarray(0, -1)],
      "version 1": ["CertificateVersion", withParts({ version: tlv(0xa0, integer(0)) })],
      "no serial number": ["CertificateSerial", withParts({ serial: integer(0) })],
      "a key on another curve": ["CertificateKey", withParts({ key: keyOf("2a8648ce3d030107", point) })],
      "a compressed key": ["CertificateKey", withParts({ key: keyOf("2b81040022", point.subarray(0, 49)) })],
      "SHA-256 inside": ["SignatureAlgorithm", withParts({ algorithm: ECDSA_WITH_SHA256 })],
      "SHA-256 outside": [
        "SignatureAlgorithm",
        sequence(sequence(...Object.values(parts)), ECDSA_WITH_SHA256, bits(0, sequence(integer(1), integer(1)))),
      ],
      "a date that is none": [
        "CalendarTimeInvalid",
        withParts({ validity: sequence(tlv(0x17, Buffer.from("261301000000Z")), time(START)) }),
      ],
      "an unknown critical extension": ["ExtensionUnknown", withExtensions(critical("551d1e", sequence()))],
      "an extension twice": ["ExtensionTwice", withExtensions(authorityOf(2), authorityOf(2), usageOfAuthority)],
      "a malformed extension": [
        "ExtensionMalformed",
        withExtensions(critical(BASIC_CONSTRAINTS, sequence(yes, integer(300)))),
      ],
      "a signature with unused bits": [
        "DerLength",
        sequence(sequence(...Object.values(parts)), ECDSA_WITH_SHA384, bits(1, sequence(integer(1), integer(1)))),
      ],
      "a negative number in the signature": ["DerInteger", signedBy(tlv(2, hex("80")), integer(1))],
      "an empty number in the signature": ["DerInteger", signedBy(tlv(2), integer(1))],
      "a number in more bytes than it needs": ["DerInteger", signedBy(tlv(2, hex("0001")), integer(1))],
      "a number with more than 384 bits": ["DerInteger", signedBy(integer(1n << 384n), integer(1))],
      "a third number in the signature": ["DerTrailingBytes", signedBy(integer(1), integer(1), integer(1))],
      "a signature of zeros": ["CertificateSignature", signedBy(integer(0), integer(0))],
      "a signature of short numbers": ["CertificateSignature", signedBy(integer(1), integer((1n << 256n) + 5n))],
    };
    for (const [what, [error, der]] of Object.entries(wrong))
      it(what, async () => {
        expect(await remember(await load(), der, idOf(ROOT))).to.equal(error);
        expect(offChain(der, openNitroRoot(ROOT))).to.equal(error);
      });
  });
});
