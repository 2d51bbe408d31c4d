import { expect } from "chai";
import { keccak256, sha256 } from "ethers";

import { authorityOf } from "../../../workers/tee/development/authority.ts";
import { chainOf } from "../../../workers/tee/development/platform.ts";
import { quote, SIGNED_BY } from "./development.ts";
import {
  CA_CHAIN,
  CHAIN,
  collateralOnly,
  type Contracts,
  DAY,
  inspection,
  networkHelpers,
  outcome,
  ROOT_CHAIN,
  SIGNERS,
  SPECS,
  START,
} from "./fixture.ts";
import { listOf, plain, WRONG_LISTS } from "./wrong-lists.ts";

const load = () => networkHelpers.loadFixture(collateralOnly);
const QUOTE = quote({ form: "sgx-v3", chain: CHAIN });
const CA_KEY = keccak256(SIGNED_BY.platformCa.point);
const ROOT_KEY = keccak256(SIGNED_BY.root.point);
const enter = (base: Contracts, list: Uint8Array, chain: Uint8Array = CA_CHAIN, most = 100) =>
  outcome(base, base.certificates, "enterRevocations", chain, list, most);

describe("revocation lists", () => {
  it("revoke the serial numbers of their issuer, and of no other", async () => {
    const { certificates } = await load();
    await expect(certificates.enterRevocations(CA_CHAIN, listOf(), 100))
      .to.emit(certificates, "RevocationsEntered")
      .withArgs(CA_KEY, digestOf(listOf()), 3, true);
    for (const serial of plain.serials) expect(await certificates.isRevoked(CA_KEY, serial)).to.equal(true);
    expect(await certificates.isRevoked(CA_KEY, 4)).to.equal(false);
    expect(await certificates.isRevoked(ROOT_KEY, 1)).to.equal(false);
    expect(await certificates.listUntil(CA_KEY)).to.equal(BigInt(plain.nextUpdate));
  });

  it("may be empty", async () => {
    const { certificates } = await load();
    await certificates.enterRevocations(CA_CHAIN, listOf({ serials: [] }), 0);
    expect(await certificates.listUntil(CA_KEY)).to.equal(BigInt(plain.nextUpdate));
  });

  it("are entered in parts, and are complete with the last", async () => {
    const { certificates } = await load();
    const list = listOf({ serials: [11n, 12n, 13n, 14n, 15n] });
    for (const [entered, complete] of [
      [2, false],
      [2, false],
      [1, true],
    ] as const)
      await expect(certificates.enterRevocations(CA_CHAIN, list, 2))
        .to.emit(certificates, "RevocationsEntered")
        .withArgs(CA_KEY, digestOf(list), entered, complete);
    expect(await certificates.isRevoked(CA_KEY, 15)).to.equal(true);
  });

  it("stay in force while the next is entered, which another list does not disturb", async () => {
    const { certificates } = await load();
    await certificates.enterRevocations(CA_CHAIN, listOf(), 100);
    const next = listOf({ thisUpdate: START - 100, nextUpdate: START + 2 * DAY, serials: [21n, 22n] });
    const third = listOf({ thisUpdate: START - 50, nextUpdate: START + 3 * DAY, serials: [31n, 32n] });
    await certificates.enterRevocations(CA_CHAIN, next, 1);
    expect(await certificates.listUntil(CA_KEY)).to.equal(BigInt(plain.nextUpdate));
    await certificates.enterRevocations(CA_CHAIN, third, 1);
    await certificates.enterRevocations(CA_CHAIN, next, 1);
    expect(await certificates.listUntil(CA_KEY)).to.equal(BigInt(START + 2 * DAY));
    expect(await certificates.isRevoked(CA_KEY, 1), "revoked by the first").to.equal(true);
  });

  it("of both issuers count, and the one that ends first", async () => {
    const { certificates } = await load();
    const until = async () => Number((await certificates.platform(CHAIN)).listsUntil);
    await certificates.enterRevocations(CA_CHAIN, listOf(), 9);
    expect(await until()).to.equal(0);
    await certificates.enterRevocations(ROOT_CHAIN, listOf({ issuer: SIGNED_BY.root, nextUpdate: START + 2 * DAY }), 9);
    expect(await until()).to.equal(START + DAY);
    const longer = listOf({ thisUpdate: START - 9, nextUpdate: START + 9 * DAY });
    await certificates.enterRevocations(CA_CHAIN, longer, 9);
    expect(await until()).to.equal(START + 2 * DAY);
  });

  it("end a quote's validity with their own, where the deployment needs them", async () => {
    const { certificates, collateral, verifier } = await load();
    await certificates.enterRevocations(CA_CHAIN, listOf(), 9);
    await certificates.enterRevocations(ROOT_CHAIN, listOf({ issuer: SIGNED_BY.root }), 9);
    expect((await verifier.verify(QUOTE)).validUntil).to.equal(BigInt(plain.nextUpdate));
    await collateral.requireLists(false);
    expect((await verifier.verify(QUOTE)).validUntil).to.be.greaterThan(plain.nextUpdate);
  });

  it("revoke a platform, remembered or not", async () => {
    const base = await load();
    await base.collateral.requireLists(false);
    expect(await inspection(base, QUOTE)).to.equal("passes");
    await base.certificates.remember(CHAIN);
    await base.certificates.enterRevocations(CA_CHAIN, listOf({ serials: [SIGNED_BY.pck.serial] }), 9);
    expect(await inspection(base, QUOTE)).to.equal("CertificateRevoked");
  });

  it("revoke an authority, its platforms and its lists", async () => {
    const base = await load();
    await base.collateral.requireLists(false);
    await base.certificates.enterRevocations(
      ROOT_CHAIN,
      listOf({ issuer: SIGNED_BY.root, serials: [SIGNED_BY.platformCa.serial] }),
      9,
    );
    expect(await inspection(base, QUOTE)).to.equal("CertificateRevoked");
    expect(await enter(base, listOf())).to.equal("CertificateRevoked");
  });

  it("revoke a signer of collateral", async () => {
    const base = await load();
    const list = listOf({ issuer: SIGNED_BY.root, serials: [SIGNED_BY.collateralSigner.serial] });
    await base.certificates.enterRevocations(ROOT_CHAIN, list, 9);
    expect(await outcome(base, base.certificates, "collateralSigner", SIGNERS)).to.equal("CertificateRevoked");
  });

  for (const [what, [list, error]] of Object.entries(WRONG_LISTS))
    it(`are refused when there is one ${what}: ${error}`, async () => {
      expect(await enter(await load(), list)).to.equal(error);
    });

  it("are refused when a list at least as new is complete: ListSuperseded", async () => {
    const base = await load();
    await base.certificates.enterRevocations(CA_CHAIN, listOf(), 9);
    expect(await enter(base, listOf())).to.equal("ListSuperseded");
    expect(await enter(base, listOf({ thisUpdate: START - 2 * DAY }))).to.equal("ListSuperseded");
    expect(await enter(base, listOf({ thisUpdate: START - DAY + 1 }))).to.equal("passes");
  });

  it("are refused when their issuer is not valid now, or is no authority", async () => {
    const base = await load();
    const expired = chainOf({ ...SPECS.platformCa, notAfter: START - DAY }, SPECS.root);
    expect(await enter(base, listOf(), expired)).to.equal("CertificateExpired");
    const expiredRoot = chainOf({ ...SPECS.root, notAfter: START - DAY });
    expect(await enter(base, listOf({ issuer: SIGNED_BY.root }), expiredRoot)).to.equal("CertificateExpired");
    expect(await enter(base, listOf(), SIGNERS)).to.equal("NotAnAuthority");
    const unlimited = chainOf({ ...SPECS.platformCa, extensions: [authorityOf(0)] }, SPECS.root);
    expect(await enter(base, listOf(), unlimited)).to.equal("NotAnAuthority");
  });
});

/** SHA-256 of what is signed in a list: its first element. */
function digestOf(list: Buffer): string {
  const from = 2 + lengthBytes(list, 1);
  const head = 2 + lengthBytes(list, from + 1);
  const length = head === 2 ? (list[from + 1] ?? 0) : list.readUIntBE(from + 2, head - 2);
  return sha256(list.subarray(from, from + head + length));
}

const lengthBytes = (der: Buffer, offset: number) => ((der[offset] ?? 0) > 0x80 ? (der[offset] ?? 0) & 0x7f : 0);
