import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { expect } from "chai";
import { keccak256 } from "ethers";
import { network } from "hardhat";

import {
  authorityOf,
  extension,
  flipped,
  noAuthority,
  partsOf,
  sign,
  signed,
  usageOfAuthority,
  usageOfSigner,
} from "../../../workers/tee/development/authority.ts";
import { octets, sequence } from "../../../workers/tee/development/der.ts";
import { pckChain, sgxExtension, sgxFields, SVNS } from "../../../workers/tee/development/platform.ts";
import { SIGNED_BY, signerOf, specsOf } from "./development.ts";
import {
  bare,
  CHAIN,
  type Contracts,
  DAY,
  INTEL,
  networkHelpers,
  outcome,
  REAL_QUOTES,
  SIGNERS,
  SPECS,
  START,
  VALIDITY,
  goBackInTime,
  passTimeUntil,
} from "./fixture.ts";
import {
  nameOf,
  signerWith,
  withPck,
  withPckExtensions,
  withSpec,
  WRONG_CHAINS,
  WRONG_SIGNERS,
} from "./wrong-chains.ts";

const load = () => networkHelpers.loadFixture(bare);
const platform = (base: Contracts, chain: Uint8Array) => outcome(base, base.certificates, "platform", chain);
const signer = (base: Contracts, chain: Uint8Array) => outcome(base, base.certificates, "collateralSigner", chain);
const bytes = (hex: string) => Buffer.from(hex, "hex");

const flip = (signature: Uint8Array) => flipped(signature);

afterEach(goBackInTime);

describe("a chain of certificates", () => {
  it("vouches for the key and the versions of the platform, while all of it is valid", async () => {
    const { certificates } = await load();
    const { leaf, listsUntil } = await certificates.platform(CHAIN);
    expect(Buffer.from(leaf.x.slice(2) + leaf.y.slice(2), "hex")).to.deep.equal(Buffer.from(SIGNED_BY.pck.point));
    expect(leaf.serial).to.equal(SIGNED_BY.pck.serial);
    expect([leaf.notBefore, leaf.notAfter]).to.deep.equal([BigInt(VALIDITY.notBefore), BigInt(VALIDITY.notAfter)]);
    const { componentSvns, pceSvn, pceId, fmspc } = leaf.tcb;
    expect([componentSvns, pceSvn, pceId, fmspc]).to.deep.equal([
      `0x${Buffer.from(SVNS.components).toString("hex")}`,
      BigInt(SVNS.pceSvn),
      `0x${SVNS.pceId}`,
      `0x${SVNS.fmspc}`,
    ]);
    expect(listsUntil).to.equal(0n);
  });

  it("is valid only as long as all of its certificates are", async () => {
    const { certificates } = await load();
    const dates = async (chain: Buffer) => {
      const { leaf } = await certificates.platform(chain);
      return [Number(leaf.notBefore), Number(leaf.notAfter)];
    };
    for (const which of ["root", "platformCa", "pck"] as const) {
      const shorter = { notBefore: START - DAY, notAfter: START + DAY };
      expect(await dates(withSpec(which, shorter)), which).to.deep.equal([START - DAY, START + DAY]);
      const longer = { notBefore: START - 200 * DAY, notAfter: Date.UTC(2060, 1, 29) / 1000 };
      const all = [VALIDITY.notBefore, VALIDITY.notAfter];
      expect(await dates(withSpec(which, longer)), which).to.deep.equal(all);
    }
  });

  it("may hold extensions that are not critical, authorities without a limit, and long serial numbers", async () => {
    const base = await load();
    const unknown = extension("551d0e", octets(bytes("00")));
    const extensions = [usageOfSigner, noAuthority, unknown, unknown, sgxExtension(...sgxFields())];
    expect(await platform(base, withPckExtensions(...extensions))).to.equal("passes");
    expect(await platform(base, withSpec("root", { extensions: [usageOfAuthority, authorityOf()] }))).to.equal(
      "passes",
    );
    expect(await platform(base, withSpec("pck", { serial: 2n ** 160n - 1n }))).to.equal("passes");
    expect(await platform(base, withPck(certificateWith(flip)))).to.equal("passes");
    expect(await platform(base, withPckExtensions(usageOfSigner, sgxExtension(...sgxFields())))).to.equal("passes");
  });

  for (const [what, [chain, error]] of Object.entries(WRONG_CHAINS))
    it(`is refused ${what}: ${error}`, async () => {
      expect(await platform(await load(), chain)).to.equal(error);
    });

  it("is refused when the last quantum of base64 has bits that do not count", async () => {
    const text = CHAIN.toString("latin1");
    const padded = /([A-Za-z0-9+/])(=+)\n/.exec(text);
    expect(padded, "no padding in the chain").to.not.equal(null);
    const [all = "", last = "", signs = ""] = padded ?? [];
    const next = String.fromCharCode(last.charCodeAt(0) + 1);
    expect(await platform(await load(), Buffer.from(text.replace(all, `${next}${signs}\n`)))).to.equal("PemMalformed");
  });
});

describe("a chain that was remembered", () => {
  it("gives the same, and is announced", async () => {
    const { certificates } = await load();
    const found = await certificates.platform(CHAIN);
    await expect(certificates.remember(CHAIN))
      .to.emit(certificates, "ChainRemembered")
      .withArgs(keccak256(CHAIN), keccak256(SPECS.platformCa.subject.point), VALIDITY.notAfter);
    expect(await certificates.platform(CHAIN)).to.deep.equal(found);
  });

  it("is the same with a zero behind", async () => {
    const { certificates } = await load();
    await certificates.remember(Buffer.concat([CHAIN, bytes("00")]));
    expect(await certificates.platform.estimateGas(CHAIN)).to.be.lessThan(200_000);
  });

  it("still expires", async () => {
    const base = await load();
    await base.certificates.remember(CHAIN);
    await passTimeUntil(VALIDITY.notAfter);
    expect(await platform(base, CHAIN)).to.equal("passes");
    await passTimeUntil(VALIDITY.notAfter + 1);
    expect(await platform(base, CHAIN)).to.equal("CertificateExpired");
  });

  it("may lie in the future, and counts from then on", async () => {
    const base = await load();
    const chain = pckChain(specsOf({ notBefore: START + DAY, notAfter: START + 2 * DAY }));
    await base.certificates.remember(chain);
    expect(await platform(base, chain)).to.equal("CertificateNotYetValid");
    await passTimeUntil(START + DAY);
    expect(await platform(base, chain)).to.equal("passes");
  });

  it("was verified: a wrong one is not remembered", async () => {
    const base = await load();
    const wrong = withSpec("pck", { issuer: { ...signerOf("somebody"), name: SPECS.platformCa.subject.name } });
    expect(await outcome(base, base.certificates, "remember", wrong)).to.equal("CertificateSignature");
  });

  it("makes other chains of the same authority cheaper, and lets no wrong one through", async () => {
    const base = await load();
    const other = withSpec("pck", { serial: 77n });
    const first = await base.certificates.platform.estimateGas(other);
    await base.certificates.remember(CHAIN);
    expect(await base.certificates.platform.estimateGas(other)).to.be.lessThan(Number(first) - 50_000);
    const wrong = withSpec("pck", { issuer: { ...signerOf("somebody"), name: SPECS.platformCa.subject.name } });
    expect(await platform(base, wrong)).to.equal("CertificateSignature");
  });
});

describe("a signer of collateral", () => {
  it("is one that the root issued", async () => {
    const { certificates } = await load();
    const leaf = await certificates.collateralSigner(SIGNERS);
    expect(leaf.serial).to.equal(SIGNED_BY.collateralSigner.serial);
    expect(leaf.tcb.fmspc).to.equal("0x000000000000");
  });

  it("has its common name anywhere in its name", async () => {
    const { certificates } = await load();
    const named = nameOf("55040a", "An Organization", "550403", SIGNED_BY.collateralSigner.name);
    const leaf = await certificates.collateralSigner(signerWith({ parts: { subject: named } }));
    expect(leaf.serial).to.equal(SIGNED_BY.collateralSigner.serial);
  });

  it("under Intel's root is Intel's own", async () => {
    const { ethers } = await network.create({ override: { initialDate: new Date("2025-01-01") } });
    const certificates = await ethers.deployContract("CertificateStore", [INTEL.x, INTEL.y]);
    const quoted = REAL_QUOTES["SGX version 3"].toString("latin1");
    const root = quoted.slice(quoted.lastIndexOf("-----BEGIN"), quoted.lastIndexOf("-----\n") + 6);
    const own = readFileSync(new URL("../../fixtures/dcap/tcb-signing.pem", import.meta.url));
    const { serial, notAfter } = await certificates.collateralSigner(Buffer.concat([own, Buffer.from(root)]));
    const { serialNumber, validTo } = new X509Certificate(own);
    expect([serial, notAfter]).to.deep.equal([BigInt(`0x${serialNumber}`), BigInt(Date.parse(validTo) / 1000)]);
  });

  for (const [what, [chain, error]] of Object.entries(WRONG_SIGNERS))
    it(`is not ${what}: ${error}`, async () => {
      expect(await signer(await load(), chain)).to.equal(error);
    });
});

/** The PCK certificate with its signature changed. */
function certificateWith(change: (signature: Uint8Array) => Uint8Array): Buffer {
  const { version, serial, algorithm, issuer, validity, subject, key, extensions } = partsOf(SPECS.pck);
  const content = sequence(version, serial, algorithm, issuer, validity, subject, key, extensions);
  return signed(content, SPECS.pck.issuer, change(sign(content, SPECS.pck.issuer)));
}
