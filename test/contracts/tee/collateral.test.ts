import { expect } from "chai";

import { enclaveIdentity, tcbInfo, tcbLevel } from "../../../workers/tee/development/collateral.ts";
import { SVNS } from "../../../workers/tee/development/platform.ts";
import { quote, SIGNED_BY, signedCollateral, signerOf } from "./development.ts";
import {
  bare,
  CHAIN,
  collateralOnly,
  type Contracts,
  DATES,
  DAY,
  inspection,
  minimumOf,
  networkHelpers,
  outcome,
  SIGNERS,
  START,
  goBackInTime,
  passTimeUntil,
} from "./fixture.ts";
import { identityOf, infoOf, isv, WRONG_IDENTITIES, WRONG_INFOS } from "./wrong-collateral.ts";

const STATUSES = [
  "Unlisted",
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
];
const SGX = quote({ form: "sgx-v3", chain: CHAIN });
const TDX = quote({ form: "td15-v5", chain: CHAIN });
const zeros = Array.from({ length: 16 }, () => 0);

/** Without lists, and without collateral or with it. */
const empty = async () => withoutLists(await networkHelpers.loadFixture(bare));
const posted = async () => withoutLists(await networkHelpers.loadFixture(collateralOnly));
async function withoutLists(base: Contracts) {
  await base.collateral.requireLists(false);
  return base;
}

const postInfo = ({ collateral }: Contracts, text: string) =>
  collateral.postTcbInfo(SIGNERS, ...signedCollateral(text));
const postIdentity = ({ collateral }: Contracts, text: string) =>
  collateral.postIdentity(SIGNERS, ...signedCollateral(text));
const tryInfo = (base: Contracts, text: string, signer = signerOf("SIMULATED SGX TCB Signing")) =>
  outcome(base, base.collateral, "postTcbInfo", SIGNERS, ...signedCollateral(text, signer));
const tryIdentity = (base: Contracts, text: string, signer = signerOf("SIMULATED SGX TCB Signing")) =>
  outcome(base, base.collateral, "postIdentity", SIGNERS, ...signedCollateral(text, signer));
const bit = (status: string) => 1 << STATUSES.indexOf(status);

afterEach(goBackInTime);

describe("collateral", () => {
  it("of Intel is kept by family of platforms, with its end", async () => {
    const { collateral } = await empty();
    await expect(collateral.postTcbInfo(SIGNERS, ...signedCollateral(tcbInfo(true, DATES))))
      .to.emit(collateral, "TcbInfoPosted")
      .withArgs(`0x${SVNS.fmspc}`, `0x${SVNS.pceId}`, true, DATES.issuedAt, DATES.nextUpdate);
    await expect(collateral.postIdentity(SIGNERS, ...signedCollateral(enclaveIdentity(true, DATES))))
      .to.emit(collateral, "IdentityPosted")
      .withArgs(true, DATES.issuedAt, DATES.nextUpdate);
    expect(await collateral.tcbInfoUntil(true, `0x${SVNS.fmspc}`, "0x0000")).to.equal(BigInt(DATES.nextUpdate));
    expect(await collateral.tcbInfoUntil(false, `0x${SVNS.fmspc}`, "0x0000")).to.equal(0n);
    expect(await collateral.identityUntil(true)).to.equal(BigInt(DATES.nextUpdate));
    expect(await collateral.identityUntil(false)).to.equal(0n);
  });

  it("replaces what was there, with fewer levels and modules too", async () => {
    const base = await posted();
    const only = [tcbLevel("OutOfDate", zeros, 0, zeros)];
    await postInfo(base, infoOf({ tcbLevels: only }, true));
    await base.collateral.acceptStatuses(bit("OutOfDate"));
    expect((await base.verifier.inspect(TDX)).status).to.equal(BigInt(STATUSES.indexOf("OutOfDate")));
    await postInfo(base, infoOf({ tdxModuleIdentities: [], issueDate: "2026-01-14T12:00:00Z" }, true));
    expect(await inspection(base, TDX)).to.equal("TdxModuleUnknown");
  });

  it("is refused from who is not the root's signer, or over other bytes: CollateralSignature", async () => {
    const base = await empty();
    expect(await tryInfo(base, infoOf(), SIGNED_BY.platformCa)).to.equal("CollateralSignature");
    expect(await tryIdentity(base, identityOf(), SIGNED_BY.platformCa)).to.equal("CollateralSignature");
    const [text, r, s] = signedCollateral(infoOf());
    const other = Buffer.from(text.toString("latin1").replace("UpToDate", "Revoked "), "latin1");
    expect(await outcome(base, base.collateral, "postTcbInfo", SIGNERS, other, r, s)).to.equal("CollateralSignature");
  });

  it("is refused before and after its dates: CollateralNotCurrent", async () => {
    const base = await empty();
    const future = { issuedAt: START + DAY, nextUpdate: START + 2 * DAY };
    const past = { issuedAt: START - 2 * DAY, nextUpdate: START - DAY };
    for (const dates of [future, past]) {
      expect(await tryInfo(base, JSON.stringify(tcbInfo(false, dates)))).to.equal("CollateralNotCurrent");
      expect(await tryIdentity(base, JSON.stringify(enclaveIdentity(false, dates)))).to.equal("CollateralNotCurrent");
    }
  });

  it("is refused when it is not newer, or of a lower evaluation: CollateralSuperseded", async () => {
    const base = await posted();
    for (const text of [JSON.stringify(tcbInfo(false, DATES)), infoOf({ tcbEvaluationDataNumber: 16 })])
      expect(await tryInfo(base, text)).to.equal("CollateralSuperseded");
    for (const text of [JSON.stringify(enclaveIdentity(false, DATES)), identityOf({ tcbEvaluationDataNumber: 16 })])
      expect(await tryIdentity(base, text)).to.equal("CollateralSuperseded");
    expect(await tryInfo(base, infoOf())).to.equal("passes");
  });

  for (const [what, [text, error]] of Object.entries(WRONG_INFOS))
    it(`is refused when it is TCB info ${what}: ${error}`, async () => {
      expect(await tryInfo(await empty(), text)).to.equal(error);
    });

  for (const [what, [text, error]] of Object.entries(WRONG_IDENTITIES))
    it(`is refused when it is an identity ${what}: ${error}`, async () => {
      expect(await tryIdentity(await empty(), text)).to.equal(error);
    });
});

describe("the status of a platform", () => {
  const lower = SVNS.components.with(3, 1);
  const higher = SVNS.components.with(7, 201);
  const meets: Record<string, readonly [levels: readonly object[], status: string]> = {
    "is of the first level that it meets": [
      [tcbLevel("UpToDate", higher, 1), tcbLevel("SWHardeningNeeded", lower, 1), tcbLevel("OutOfDate", zeros, 0)],
      "SWHardeningNeeded",
    ],
    "does not meet a level with one higher version of 16": [
      [tcbLevel("UpToDate", zeros.with(15, 1), 1), tcbLevel("ConfigurationNeeded", zeros, 1)],
      "ConfigurationNeeded",
    ],
    "does not meet a level with a higher version of the PCE": [
      [tcbLevel("UpToDate", zeros, SVNS.pceSvn + 1), tcbLevel("OutOfDate", zeros, SVNS.pceSvn)],
      "OutOfDate",
    ],
  };
  for (const [what, [tcbLevels, status]] of Object.entries(meets))
    it(what, async () => {
      const base = await posted();
      await postInfo(base, infoOf({ tcbLevels }));
      await base.collateral.acceptStatuses(bit(status));
      expect((await base.verifier.inspect(SGX)).status).to.equal(BigInt(STATUSES.indexOf(status)));
      await base.collateral.acceptStatuses(0x7e & ~bit(status));
      expect(await inspection(base, SGX)).to.equal("TcbStatusRefused");
    });

  it("that Intel revoked, or does not list, can never do", async () => {
    const base = await posted();
    await base.collateral.acceptStatuses(0x7e);
    await postInfo(base, infoOf({ tcbLevels: [tcbLevel("Revoked", zeros, 0)] }));
    expect(await inspection(base, SGX)).to.equal("TcbStatusRefused");
    await postInfo(base, infoOf({ tcbLevels: [tcbLevel("UpToDate", higher, 0)], issueDate: "2026-01-14T12:00:00Z" }));
    expect(await inspection(base, SGX)).to.equal("TcbStatusRefused");
    for (const never of ["Unlisted", "Revoked"])
      expect(await outcome(base, base.collateral, "acceptStatuses", bit(never))).to.equal("StatusesInvalid");
  });

  const together: readonly (readonly [platform: string, enclave: string, both: string])[] = [
    ["UpToDate", "UpToDate", "UpToDate"],
    ["ConfigurationNeeded", "UpToDate", "ConfigurationNeeded"],
    ["UpToDate", "OutOfDate", "OutOfDate"],
    ["SWHardeningNeeded", "OutOfDate", "OutOfDate"],
    ["OutOfDate", "OutOfDate", "OutOfDate"],
    ["ConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"],
    ["ConfigurationAndSWHardeningNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"],
    ["OutOfDateConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"],
  ];
  for (const [platform, enclave, both] of together)
    it(`${platform} with a quoting enclave ${enclave} is ${both}`, async () => {
      const base = await posted();
      await base.collateral.acceptStatuses(0x7e);
      await postInfo(base, infoOf({ tcbLevels: [tcbLevel(platform, zeros, 0)] }));
      await postIdentity(base, identityOf({ tcbLevels: [isv(6, enclave)] }));
      expect((await base.verifier.inspect(SGX)).status).to.equal(BigInt(STATUSES.indexOf(both)));
    });

  for (const [platform, enclave] of [
    ["UpToDate", "Revoked"],
    ["Revoked", "OutOfDate"],
    ["UpToDate", "SWHardeningNeeded"],
  ] as const)
    it(`${platform} with a quoting enclave ${enclave} is not up to date`, async () => {
      const base = await posted();
      await postInfo(base, infoOf({ tcbLevels: [tcbLevel(platform, zeros, 0)] }));
      await postIdentity(base, identityOf({ tcbLevels: [isv(6, enclave)] }));
      expect(await inspection(base, SGX)).to.equal("TcbStatusRefused");
    });

  it("needs a quoting enclave that Intel lists", async () => {
    const base = await posted();
    await postIdentity(base, identityOf({ tcbLevels: [isv(7)] }));
    expect(await inspection(base, SGX)).to.equal("TcbStatusRefused");
  });

  it("of TDX looks at the loader's and other versions of the module, not at its own twice", async () => {
    const base = await posted();
    const above = [99, 99, 7, ...zeros.slice(3)];
    await postInfo(base, infoOf({ tcbLevels: [tcbLevel("UpToDate", zeros, 0, above)] }, true));
    expect(await inspection(base, TDX)).to.equal("passes");
    const old = quote({ form: "td15-v5", chain: CHAIN, body: { 1: Buffer.from([0]) } });
    expect(await inspection(base, old)).to.equal("TcbStatusRefused");
    await postInfo(
      base,
      infoOf(
        {
          tcbLevels: [tcbLevel("UpToDate", zeros, 0, [4, 0, 7, ...zeros.slice(3)])],
          issueDate: "2026-01-14T12:00:00Z",
        },
        true,
      ),
    );
    expect(await inspection(base, old)).to.equal("passes");
  });
});

describe("the administrator's minimum", () => {
  const ZERO = `0x${"00".repeat(16)}`;
  const low = (isTdx: boolean) => ({ ...minimumOf(isTdx), sgxSvns: ZERO, tdxSvns: ZERO, pceSvn: 0, qeSvn: 0 });

  it("does where collateral was never posted, and the report says so", async () => {
    const base = await empty();
    const minimum = low(false);
    await expect(base.collateral.setMinimum(false, minimum)).to.emit(base.collateral, "MinimumSet");
    expect((await base.collateral.minimumOf(false)).until).to.equal(BigInt(minimum.until));
    const { byCollateral, status } = await base.verifier.inspect(SGX);
    expect([byCollateral, status]).to.deep.equal([false, 1n]);
    await postInfo(base, infoOf());
    expect((await base.verifier.inspect(SGX)).byCollateral, "no identity yet").to.equal(false);
    await postIdentity(base, identityOf());
    expect((await base.verifier.inspect(SGX)).byCollateral).to.equal(true);
  });

  it("does not replace collateral that is out of date", async () => {
    const base = await posted();
    await base.collateral.setMinimum(false, low(false));
    await passTimeUntil(DATES.nextUpdate);
    expect(await inspection(base, SGX)).to.equal("CollateralNotCurrent");
  });

  const own = `0x${Buffer.from(SVNS.components).toString("hex")}`;
  const above = `0x${Buffer.from(SVNS.components.with(15, 1)).toString("hex")}`;
  const bounds: Record<string, readonly [quote: Buffer, isTdx: boolean, change: object, outcome: string]> = {
    "its own components": [SGX, false, { sgxSvns: own }, "passes"],
    "a component more": [SGX, false, { sgxSvns: above }, "BelowMinimum"],
    "its own PCE": [SGX, false, { pceSvn: SVNS.pceSvn }, "passes"],
    "a newer PCE": [SGX, false, { pceSvn: SVNS.pceSvn + 1 }, "BelowMinimum"],
    "its own quoting enclave": [SGX, false, { qeSvn: 6 }, "passes"],
    "a newer quoting enclave": [SGX, false, { qeSvn: 7 }, "BelowMinimum"],
    "another product": [SGX, false, { qeProdId: 2 }, "QuotingEnclaveUnknown"],
    "another signer": [SGX, false, { qeMrSigner: minimumOf(true).qeMrSigner }, "QuotingEnclaveUnknown"],
    "its own TDX module": [TDX, true, { tdxSvns: `0x040107${"00".repeat(13)}` }, "passes"],
    "a newer TDX module": [TDX, true, { tdxSvns: `0x050107${"00".repeat(13)}` }, "BelowMinimum"],
    "one that ended": [SGX, false, { until: START - 1 }, "TcbInfoMissing"],
    "one for the other technology": [SGX, true, {}, "TcbInfoMissing"],
  };
  for (const [what, [signed, isTdx, change, expected]] of Object.entries(bounds))
    it(`against ${what}: ${expected}`, async () => {
      const base = await empty();
      await base.collateral.setMinimum(isTdx, { ...low(isTdx), ...change });
      expect(await inspection(base, signed)).to.equal(expected);
    });

  it("takes only Intel's own TDX module", async () => {
    const base = await empty();
    await base.collateral.setMinimum(true, low(true));
    for (const offset of [64, 111, 112, 119]) {
      const signed = quote({ form: "td15-v5", chain: CHAIN, body: { [offset]: Buffer.from([1]) } });
      expect(await inspection(base, signed)).to.equal("TdxModuleUnknown");
    }
  });

  it("is missed by the quoting enclave when only TCB info was posted: IdentityMissing", async () => {
    const base = await empty();
    await postInfo(base, infoOf());
    expect(await inspection(base, SGX)).to.equal("IdentityMissing");
  });

  it("is set by the administrator alone, like what else does", async () => {
    const { collateral, stranger } = await empty();
    const others = collateral.connect(stranger);
    for (const call of [others.setMinimum(true, low(true)), others.acceptStatuses(2), others.requireLists(false)])
      await expect(call).to.be.revertedWithCustomError(collateral, "AccessManagedUnauthorized");
    await expect(collateral.acceptStatuses(6)).to.emit(collateral, "StatusesAccepted").withArgs(6);
    expect(await collateral.acceptedStatuses()).to.equal(6n);
    await expect(collateral.requireLists(true)).to.emit(collateral, "ListsRequired").withArgs(true);
    expect(await collateral.listsRequired()).to.equal(true);
  });
});
