import { expect } from "chai";

import { flipped } from "../../../../workers/tee/development/authority.ts";
import { tcbLevel } from "../../../../workers/tee/development/collateral.ts";
import { FORMS } from "../../../../workers/tee/development/quote.ts";
import type { Collateral } from "../../../../workers/tee/verify/collateral.ts";
import { STRICT_POLICY } from "../../../../workers/tee/verify/policy.ts";
import { quoteStanding, verifyQuote } from "../../../../workers/tee/verify/verify-quote.ts";
import { quote, SIGNED_BY } from "../../../contracts/tee/development.ts";
import { CA_CHAIN, CHAIN, DATES, DAY, REAL_QUOTES, ROOT_CHAIN, START } from "../../../contracts/tee/fixture.ts";
import { WRONG_CHAINS, WRONG_SIGNERS } from "../../../contracts/tee/wrong-chains.ts";
import { identityOf, infoOf, isv, WRONG_IDENTITIES, WRONG_INFOS } from "../../../contracts/tee/wrong-collateral.ts";
import { listOf, WRONG_LISTS } from "../../../contracts/tee/wrong-lists.ts";
import { WRONG_QUOTES } from "../../../contracts/tee/wrong-quotes.ts";
import { collateralOnly, outcomeOf, served, signedText, underIntel, verdict } from "./off-chain.ts";

const QUOTE = quote({ form: "sgx-v3", chain: CHAIN });
const zeros = Array.from({ length: 16 }, () => 0);
const standing = (collateral: Collateral) => quoteStanding(QUOTE, { collateral, now: START });

describe("quotes verified off chain", () => {
  const collateral = served();

  for (const form of FORMS)
    it(`pass in all forms, with either sign of s: ${form}`, () => {
      const spec = { form, chain: CHAIN };
      const found = verifyQuote(quote(spec), { collateral, now: START });
      expect(found).to.include({ status: "UpToDate", byCollateral: true, listsCurrent: true, simulated: true });
      expect(found.validUntil).to.equal(DATES.nextUpdate);
      const other = quote({ ...spec, signature: flipped, qeSignature: flipped });
      expect(verifyQuote(other, { collateral, now: START })).to.deep.equal(found);
    });

  for (const [what, wrong, error] of WRONG_QUOTES)
    it(`are refused ${what}: ${error}`, () => {
      expect(verdict(wrong, collateral)).to.equal(error);
    });

  for (const [what, [chain, error]] of Object.entries(WRONG_CHAINS))
    it(`are refused with a chain ${what}: ${error}`, () => {
      expect(verdict(quote({ form: "sgx-v3", chain }), collateral)).to.equal(error);
    });

  it("are refused under another root: RootUnknown", () => {
    for (const real of Object.values(REAL_QUOTES)) expect(verdict(real, collateral)).to.equal("RootUnknown");
    expect(verdict(QUOTE, underIntel())).to.equal("RootUnknown");
  });

  it("are refused before and after what they lean on holds", () => {
    expect(verdict(QUOTE, collateral, DATES.nextUpdate - 1)).to.equal("passes");
    expect(verdict(QUOTE, collateral, DATES.nextUpdate)).to.equal("CollateralNotCurrent");
    expect(verdict(QUOTE, collateral, DATES.issuedAt - 1)).to.equal("CollateralNotCurrent");
    expect(verdict(QUOTE, collateral, START + 401 * DAY)).to.equal("CertificateExpired");
    expect(verdict(QUOTE, collateral, START - 101 * DAY)).to.equal("CertificateNotYetValid");
  });

  it("need lists and collateral where the policy does", () => {
    expect(verdict(QUOTE, collateralOnly())).to.equal("ListsNotCurrent");
    expect(verdict(QUOTE, collateralOnly({ ...STRICT_POLICY, listsRequired: false }))).to.equal("passes");
    expect(outcomeOf(() => served({ ...STRICT_POLICY, acceptedStatuses: ["Revoked"] }))).to.equal("StatusesInvalid");
  });

  it("are refused when a list revokes the platform or its authority: CertificateRevoked", () => {
    const platform = served();
    platform.addRevocations(CA_CHAIN, listOf({ serials: [SIGNED_BY.pck.serial], thisUpdate: START - 9 }), START);
    const authority = served();
    const list = listOf({ issuer: SIGNED_BY.root, serials: [SIGNED_BY.platformCa.serial], thisUpdate: START - 9 });
    authority.addRevocations(ROOT_CHAIN, list, START);
    expect(verdict(QUOTE, platform)).to.equal("CertificateRevoked");
    expect(verdict(QUOTE, authority)).to.equal("CertificateRevoked");
    expect(outcomeOf(() => authority.addRevocations(CA_CHAIN, listOf(), START))).to.equal("CertificateRevoked");
  });

  it("are good, outdated or revoked later, or fail by what they fail by", () => {
    expect(standing(served())).to.equal("Good");
    const outdated = served();
    outdated.addIdentity(signedText(identityOf({ tcbLevels: [isv(7), isv(6, "OutOfDate")] })), START);
    expect(standing(outdated)).to.equal("Outdated");
    const revoked = served();
    revoked.addTcbInfo(signedText(infoOf({ tcbLevels: [tcbLevel("Revoked", zeros, 0)] })), START);
    expect(standing(revoked)).to.equal("Revoked");
    expect(outcomeOf(() => standing(collateralOnly()))).to.equal("ListsNotCurrent");
  });
});

describe("collateral held off chain", () => {
  for (const [what, [text, error]] of Object.entries(WRONG_INFOS))
    it(`is refused when it is TCB info ${what}: ${error}`, () => {
      expect(outcomeOf(() => served().addTcbInfo(signedText(text), START))).to.equal(error);
    });

  for (const [what, [text, error]] of Object.entries(WRONG_IDENTITIES))
    it(`is refused when it is an identity ${what}: ${error}`, () => {
      expect(outcomeOf(() => served().addIdentity(signedText(text), START))).to.equal(error);
    });

  for (const [what, [list, error]] of Object.entries(WRONG_LISTS))
    it(`is refused when it is a list ${what}: ${error}`, () => {
      expect(outcomeOf(() => collateralOnly().addRevocations(CA_CHAIN, list, START))).to.equal(error);
    });

  for (const [what, [signerChain, error]] of Object.entries(WRONG_SIGNERS))
    it(`is refused from a signer that is ${what}: ${error}`, () => {
      expect(outcomeOf(() => served().addTcbInfo({ ...signedText(infoOf()), signerChain }, START))).to.equal(error);
    });

  it("is refused over other bytes, from another signer, and when it is not newer", () => {
    const signed = signedText(infoOf());
    const text = Buffer.from(Buffer.from(signed.text).toString().replace("UpToDate", "Revoked "));
    const changed = { ...signed, text };
    expect(outcomeOf(() => served().addTcbInfo(changed, START))).to.equal("CollateralSignature");
    const other = signedText(infoOf(), SIGNED_BY.platformCa);
    expect(outcomeOf(() => served().addTcbInfo(other, START))).to.equal("CollateralSignature");
    const newer = served();
    newer.addTcbInfo(signed, START);
    expect(outcomeOf(() => newer.addTcbInfo(signed, START))).to.equal("CollateralSuperseded");
    expect(outcomeOf(() => served().addTcbInfo(signed, DATES.nextUpdate + 1))).to.equal("CollateralNotCurrent");
  });

  it("keeps the list before in force until the next is complete, and what was revoked revoked", () => {
    const collateral = served({ ...STRICT_POLICY, listsRequired: true });
    const next = listOf({ thisUpdate: START - 100, serials: [SIGNED_BY.pck.serial, 21n] });
    collateral.addRevocations(CA_CHAIN, next, START, 0);
    expect(verdict(QUOTE, collateral)).to.equal("passes");
    collateral.addRevocations(CA_CHAIN, next, START, 1);
    expect(verdict(QUOTE, collateral)).to.equal("CertificateRevoked");
    collateral.addRevocations(CA_CHAIN, next, START, 1);
    expect(outcomeOf(() => collateral.addRevocations(CA_CHAIN, next, START))).to.equal("ListSuperseded");
    collateral.addRevocations(CA_CHAIN, listOf({ thisUpdate: START - 50, serials: [] }), START);
    expect(verdict(QUOTE, collateral)).to.equal("CertificateRevoked");
  });
});
