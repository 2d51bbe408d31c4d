import { expect } from "chai";

import { revocationList } from "../../../workers/tee/development/authority.ts";
import { enclaveIdentity, tcbInfo, tcbLevel } from "../../../workers/tee/development/collateral.ts";
import { quote, SIGNED_BY, signedCollateral } from "./development.ts";
import {
  CA_CHAIN,
  CHAIN,
  type Contracts,
  DATES,
  DAY,
  goBackInTime,
  minimumOf,
  networkHelpers,
  outcome,
  passTimeUntil,
  REAL_QUOTES,
  ROOT_CHAIN,
  served,
  SIGNERS,
  START,
  underIntel,
  VALIDITY,
} from "./fixture.ts";

const [GOOD, OUTDATED, REVOKED] = [0n, 1n, 2n];
const NEWER = { issuedAt: DATES.issuedAt + 1, nextUpdate: DATES.nextUpdate };
const QUOTE = quote({ form: "td10-v4", chain: CHAIN });
const zeros = Array.from({ length: 16 }, () => 0);
const load = () => networkHelpers.loadFixture(served);
const undecided = (base: Contracts, signed: Uint8Array) => outcome(base, base.verifier, "standingOf", signed);

const postInfo = ({ collateral }: Contracts, change: object) =>
  collateral.postTcbInfo(SIGNERS, ...signedCollateral({ ...tcbInfo(true, NEWER), ...change }));
const postIdentity = ({ collateral }: Contracts, change: object) =>
  collateral.postIdentity(SIGNERS, ...signedCollateral({ ...enclaveIdentity(true, NEWER), ...change }));
const revoke = ({ certificates }: Contracts, chain: Uint8Array, issuer: typeof SIGNED_BY.root, serial: bigint) => {
  const dates = { thisUpdate: NEWER.issuedAt, nextUpdate: NEWER.nextUpdate };
  return certificates.enterRevocations(chain, revocationList({ ...dates, issuer, serials: [serial] }), 9);
};

afterEach(goBackInTime);

describe("the standing of a quote that was verified before", () => {
  it("says of which kind the quotes are", async () => {
    expect(await (await load()).verifier.kind()).to.equal(`0x${Buffer.from("dcap".padEnd(32, "\0")).toString("hex")}`);
  });

  it("is good while it verifies", async () => {
    const { verifier } = await load();
    expect(await verifier.standingOf(QUOTE)).to.equal(GOOD);
  });

  const outdated: Record<string, (base: Contracts) => Promise<unknown>> = {
    "the platform is out of date": (base) => postInfo(base, { tcbLevels: [tcbLevel("OutOfDate", zeros, 0, zeros)] }),
    "the platform needs another configuration": (base) =>
      postInfo(base, { tcbLevels: [tcbLevel("ConfigurationNeeded", zeros, 0, zeros)] }),
    "the platform is below all levels": (base) =>
      postInfo(base, { tcbLevels: [tcbLevel("UpToDate", zeros.with(0, 255), 0, zeros)] }),
    "the quoting enclave is out of date": (base) =>
      postIdentity(base, {
        tcbLevels: [{ tcb: { isvsvn: 1 }, tcbDate: "2025-05-14T00:00:00Z", tcbStatus: "OutOfDate" }],
      }),
    "the quoting enclave is another by now": (base) => postIdentity(base, { isvprodid: 3 }),
    "the TDX module is listed no more": (base) => postInfo(base, { tdxModuleIdentities: [] }),
    "the administrator takes fewer statuses": ({ collateral }) => collateral.acceptStatuses(1 << 2),
  };
  for (const [what, happen] of Object.entries(outdated))
    it(`is outdated when ${what}`, async () => {
      const base = await load();
      await happen(base);
      expect(await base.verifier.standingOf(QUOTE)).to.equal(OUTDATED);
    });

  const revoked: Record<string, (base: Contracts) => Promise<unknown>> = {
    "the platform's certificate is revoked": (base) =>
      revoke(base, CA_CHAIN, SIGNED_BY.platformCa, SIGNED_BY.pck.serial),
    "the certificate above it is revoked": (base) =>
      revoke(base, ROOT_CHAIN, SIGNED_BY.root, SIGNED_BY.platformCa.serial),
    "its version is revoked": (base) => postInfo(base, { tcbLevels: [tcbLevel("Revoked", zeros, 0, zeros)] }),
  };
  for (const [what, happen] of Object.entries(revoked))
    it(`is revoked when ${what}`, async () => {
      const base = await load();
      await happen(base);
      expect(await base.verifier.standingOf(QUOTE)).to.equal(REVOKED);
    });

  it("is open when the lists that decide are out of date, or certificates expired", async () => {
    const base = await load();
    await passTimeUntil(DATES.nextUpdate);
    expect(await undecided(base, QUOTE)).to.equal("CollateralNotCurrent");
    await passTimeUntil(VALIDITY.notAfter + 1);
    expect(await undecided(base, QUOTE)).to.equal("CertificateExpired");
  });

  it("is open when revocation lists are out of date", async () => {
    const base = await load();
    const later = { issuedAt: NEWER.issuedAt, nextUpdate: DATES.nextUpdate + DAY };
    await base.collateral.postTcbInfo(SIGNERS, ...signedCollateral(tcbInfo(true, later)));
    await base.collateral.postIdentity(SIGNERS, ...signedCollateral(enclaveIdentity(true, later)));
    await passTimeUntil(DATES.nextUpdate + 1);
    expect(await undecided(base, QUOTE)).to.equal("ListsNotCurrent");
  });

  it("is open for what was never a quote", async () => {
    const base = await load();
    expect(await undecided(base, new Uint8Array())).to.equal("QuoteLength");
    expect(await undecided(base, QUOTE.with(640, (QUOTE[640] ?? 0) ^ 1))).to.equal("QuoteSignature");
  });

  it("is never taken from a call that had too little gas", async () => {
    const { verifier, certificates } = await load();
    await certificates.remember(CHAIN);
    const enough = Number(await verifier.standingOf.estimateGas(QUOTE));
    const answers = new Set<string>();
    for (let gasLimit = 120_000; gasLimit < enough * 1.1; gasLimit += 7_919)
      answers.add(await verifier.standingOf(QUOTE, { gasLimit }).then(String, () => "open"));
    expect([...answers].sort()).to.deep.equal([String(GOOD), "open"]);
  });
});

describe("the standing of quotes that Intel's quoting enclaves signed", () => {
  const loadReal = () => networkHelpers.loadFixture(underIntel);
  const { "TDX version 5": tdx } = REAL_QUOTES;

  for (const [name, signed] of Object.entries(REAL_QUOTES))
    it(`is good by the minimum that they meet, and outdated below it: ${name}`, async () => {
      const { verifier, collateral } = await loadReal();
      expect(await verifier.standingOf(signed)).to.equal(GOOD);
      const isTdx = name.startsWith("TDX");
      await collateral.setMinimum(isTdx, { ...minimumOf(isTdx), qeSvn: 99 });
      expect(await verifier.standingOf(signed)).to.equal(OUTDATED);
    });

  it("is open where there is no minimum any more", async () => {
    const base = await loadReal();
    await base.collateral.setMinimum(true, { ...minimumOf(true), until: START - 1 });
    expect(await undecided(base, tdx)).to.equal("TcbInfoMissing");
  });
});
