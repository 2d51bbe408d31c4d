import { expect } from "chai";
import { getBytes } from "ethers";

import { AssayError } from "../../../../circuits/format/error.ts";
import { collateralFromFiles } from "../../../../workers/tee/collateral/collateral-files.ts";
import { developmentPlatform } from "../../../../workers/tee/development/development-platform.ts";
import { verifyQuote } from "../../../../workers/tee/verify/verify-quote.ts";
import { errorOf } from "../error-of.ts";

const NOW = Date.UTC(2026, 0, 15) / 1000;
const DAY = 86_400;
const platform = developmentPlatform(`0x${"c0".repeat(32)}`);
const root = getBytes(platform.root.x + platform.root.y.slice(2));
const quote = platform.quote({ reportData: new Uint8Array(64), image: "worker" });
const { tcbInfos, identities, lists } = platform.collateral({ issuedAt: NOW - DAY, nextUpdate: NOW + DAY });

const served = (name: string, [text, r, s]: (typeof tcbInfos)[number]) =>
  Buffer.from(`{"${name}":${Buffer.from(text).toString()},"signature":"${Buffer.concat([r, s]).toString("hex")}"}`);

/** As Intel's service serves them, under names of no meaning. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(tcbInfos.map((info, i) => [`a${i}`, served("tcbInfo", info)])),
  ...Object.fromEntries(identities.map((identity, i) => [`b${i}`, served("enclaveIdentity", identity)])),
  ...Object.fromEntries(lists.map(({ list }, i) => [`c${i}`, list])),
  d: platform.chains.collateralSigner,
  e: platform.chains.platformCa,
};

const collateralOf = (change: Readonly<Record<string, Uint8Array | null>>, at = NOW) => {
  const files = new Map<string, Uint8Array>();
  for (const [name, content] of Object.entries({ ...FILES, ...change })) if (content !== null) files.set(name, content);
  return collateralFromFiles(files, { root, now: at });
};
const policy = (content: object) => ({ "policy.json": Buffer.from(JSON.stringify(content)) });
const verdict = (change: Readonly<Record<string, Uint8Array | null>>) =>
  verifyQuote(quote, { collateral: collateralOf(change), now: NOW });

describe("collateral out of files", () => {
  it("is what a quote is held against, whatever the files are called", () => {
    expect(verdict({})).to.include({ status: "UpToDate", byCollateral: true, listsCurrent: true, simulated: true });
  });

  it("is taken as the policy among them says, and strictly where it says nothing", () => {
    const withoutLists = { c0: null, c1: null };
    expect(errorOf(() => verdict(withoutLists)).code).to.equal("ListsNotCurrent");
    expect(verdict({ ...withoutLists, ...policy({ listsRequired: false }) }).listsCurrent).to.equal(false);
    expect(verdict(policy({ maxAge: 60 })).validUntil).to.equal(NOW + 60);
    expect(errorOf(() => verdict(policy({ acceptedStatuses: ["OutOfDate"] }))).code).to.equal("TcbStatusRefused");
    const zeros = `0x${"00".repeat(16)}`;
    const low = { sgxSvns: zeros, tdxSvns: zeros, pceSvn: 0, qeProdId: 2, qeSvn: 0, until: NOW + DAY };
    const tdx = { ...low, qeMrSigner: "0xdc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5" };
    const byMinimum = { a0: null, a1: null, b0: null, b1: null, ...policy({ minimums: { tdx } }) };
    expect(verdict(byMinimum).byCollateral).to.equal(false);
  });

  it("is refused with a reason that names the file, where it is none", () => {
    const wrong: Readonly<Record<string, readonly [change: Record<string, Uint8Array | null>, message: RegExp]>> = {
      "a policy that is not JSON": [{ "policy.json": Buffer.from("{") }, /policy\.json is not JSON/],
      "a policy with an unknown member": [policy({ listRequired: false }), /policy\.json is not valid/],
      "a policy with a minimum that is too short": [
        policy({ minimums: { sgx: { sgxSvns: "0x00" } } }),
        /policy\.json is not valid/,
      ],
      "TCB info without a signature": [{ a0: Buffer.from('{"tcbInfo":{}}') }, /a0: /],
      "something else": [{ f: Buffer.from("notes") }, /f is none of the files/],
      "no signer": [{ d: null }, /a0: no certificate among the files/],
      "no issuer of a list": [{ e: null }, /c1: no certificate among the files/],
    };
    for (const [what, [change, message]] of Object.entries(wrong)) {
      const error = errorOf(() => collateralOf(change));
      expect(error, what).to.be.instanceOf(AssayError);
      expect([what, error.code]).to.deep.equal([what, "COLLATERAL_FILE"]);
      expect(error.message).to.match(message);
    }
  });

  it("is refused where it does not hold", () => {
    const cut = lists[0]?.list.subarray(0, -1) ?? null;
    expect(errorOf(() => collateralOf({ c0: cut })).code).to.equal("DerTruncated");
    expect(errorOf(() => collateralOf({}, NOW + 2 * DAY)).code).to.equal("ListNotCurrent");
    const other = collateralFromFiles.bind(null, new Map(Object.entries(FILES)), { now: NOW });
    expect(errorOf(other).code, "under Intel's root").to.equal("RootUnknown");
  });
});
