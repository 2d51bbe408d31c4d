import { expect } from "chai";
import { ZeroHash } from "ethers";

import { critical, extension } from "../../../../workers/tee/development/authority.ts";
import { integer, octets, sequence, tlv, yes } from "../../../../workers/tee/development/der.ts";
import { nitroSignerOf } from "../../../../workers/tee/development/nitro.ts";
import {
  type Contracts,
  document,
  ENCLAVE,
  idOf,
  INSTANCE,
  networkHelpers,
  outcome,
  REGION,
  remembered,
  revocationList,
  ROOT,
  SIGNERS,
  ZONE,
} from "./fixture.ts";

const load = () => networkHelpers.loadFixture(remembered);
const revoke = (base: Contracts, what: Uint8Array, list: Uint8Array) =>
  outcome(base, base.certificates, "revoke", idOf(what), list);
const PART = "551d1c";
const { region, zone, instance, root } = SIGNERS;

describe("a certificate of Nitro that its issuer revoked", () => {
  it("is distrusted for good, with all below it, whoever shows the list", async () => {
    const { certificates, verifier, stranger } = await load();
    const list = revocationList(region, [5n, zone.serial, 7n]);
    await expect(certificates.connect(stranger).revoke(idOf(ZONE), list))
      .to.emit(certificates, "CertificateRevoked")
      .withArgs(idOf(ZONE));
    await certificates.trust(idOf(ZONE), true);
    for (const below of [ZONE, INSTANCE, ENCLAVE])
      expect(await certificates.distrustedAbove(idOf(below))).to.equal(idOf(ZONE));
    expect(await certificates.distrustedAbove(idOf(REGION))).to.equal(ZeroHash);
    await expect(verifier.verify(document())).to.be.revertedWithCustomError(certificates, "CertificateDistrusted");
    expect(await verifier.standingOf(document())).to.equal(2n);
  });

  it("is on a list of its own issuer, by its own serial number", async () => {
    const base = await load();
    expect(await revoke(base, ZONE, revocationList(region, [5n]))).to.equal("NotListed");
    expect(await revoke(base, ZONE, revocationList(region, []))).to.equal("NotListed");
    expect(await revoke(base, ZONE, revocationList(root, [zone.serial]))).to.equal("IssuerMismatch");
    const other = nitroSignerOf(`0x${"29".repeat(32)}`, region.name);
    expect(await revoke(base, ZONE, revocationList(other, [zone.serial]))).to.equal("ListSignature");
    // The key of an instance signs no lists, and the root has no issuer.
    const byInstance = revocationList(instance, [SIGNERS.enclave.serial]);
    expect(await revoke(base, ENCLAVE, byInstance)).to.equal("NotAnAuthority");
    expect(await revoke(base, ROOT, revocationList(root, [root.serial]))).to.equal("CertificateUnknown");
    expect(await revoke(base, Buffer.alloc(99, 48), byInstance)).to.equal("CertificateUnknown");
  });

  it("is taken from a list about a part, but from none about certificates of others", async () => {
    const base = await load();
    const about = (...parts: readonly Uint8Array[]) => ({ extensions: [critical(PART, sequence(...parts))] });
    const point = tlv(0xa0, tlv(0xa0, tlv(0x86, Buffer.from("http://crl"))));
    const list = (...parts: readonly Uint8Array[]) => revocationList(region, [zone.serial], about(...parts));
    expect(await revoke(base, ZONE, list(point))).to.equal("passes");
    expect(await revoke(base, ZONE, list(point, tlv(0x84, Buffer.from([0xff]))))).to.equal("ExtensionUnknown");
    const delta = { extensions: [critical("551d1b", integer(1))] };
    expect(await revoke(base, ZONE, revocationList(region, [zone.serial], delta))).to.equal("ExtensionUnknown");
    const many = { extensions: Array.from({ length: 9 }, () => extension("551d14", octets(yes))) };
    expect(await revoke(base, ZONE, revocationList(region, [zone.serial], many))).to.equal("ExtensionsTooMany");
  });

  it("is not taken from what is no list", async () => {
    const base = await load();
    const valid = revocationList(region, [zone.serial]);
    expect(await revoke(base, ZONE, revocationList(region, [zone.serial], { version: 0 }))).to.equal("ListVersion");
    expect(await revoke(base, ZONE, valid.subarray(1))).to.equal("DerTag");
    expect(await revoke(base, ZONE, valid.subarray(0, -1))).to.equal("DerTruncated");
    expect(await revoke(base, ZONE, Buffer.concat([valid, Buffer.alloc(1)]))).to.equal("DerTrailingBytes");
    expect(await revoke(base, ZONE, ZONE)).to.equal("DerTag");
    expect(await revoke(base, ZONE, revocationList(region, [0n, zone.serial]))).to.equal("CertificateSerial");
  });
});
