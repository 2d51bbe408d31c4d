import { readFileSync } from "node:fs";

import { network } from "hardhat";

import { revocationList } from "../../../workers/tee/development/authority.ts";
import { enclaveIdentity, tcbInfo } from "../../../workers/tee/development/collateral.ts";
import { chainOf, pckChain, signerChain } from "../../../workers/tee/development/platform.ts";
import { type Callable, callOutcome } from "./call-outcome.ts";
import { chainClock } from "./chain-clock.ts";
import { SIGNED_BY, signedCollateral, specsOf } from "./development.ts";

/** Within the dates of all of Intel's quotes; a chain has the precompile for P-256 from Osaka on. */
export const START = Date.UTC(2026, 0, 15) / 1000;
export const DAY = 86_400;
export const MAX_AGE = 30 * DAY;
export const INTEL = {
  x: "0x0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5",
  y: "0x67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
};
export const VALIDITY = { notBefore: START - 100 * DAY, notAfter: START + 400 * DAY };
export const DATES = { issuedAt: START - DAY, nextUpdate: START + 29 * DAY };

export type Chain = Awaited<ReturnType<typeof startChain>>;

export const startChain = (hardfork: "osaka" | "prague" = "osaka") =>
  network.create({ override: { hardfork, initialDate: new Date(START * 1000) } });

export const connection = await startChain();
export const { ethers, networkHelpers } = connection;

/** The contracts under a root, with neither collateral nor lists nor a minimum. */
export async function deployUnder(root: { readonly x: string; readonly y: string }, chain: Chain = connection) {
  const [admin, stranger] = await chain.ethers.getSigners();
  if (!admin || !stranger) throw new Error("too few accounts");
  const manager = await chain.ethers.deployContract("AccessManager", [admin]);
  const certificates = await chain.ethers.deployContract("CertificateStore", [root.x, root.y]);
  const reader = await chain.ethers.deployContract("CollateralReader");
  const collateral = await chain.ethers.deployContract("CollateralRegistry", [manager, certificates, reader]);
  const verifier = await chain.ethers.deployContract("DcapQuoteVerifier", [certificates, collateral, MAX_AGE]);
  return { admin, stranger, manager, certificates, reader, collateral, verifier };
}

export type Contracts = Awaited<ReturnType<typeof deployUnder>>;

const half = (from: number) => `0x${Buffer.from(SIGNED_BY.root.point.slice(from, from + 32)).toString("hex")}`;
export const DEVELOPMENT = { x: half(0), y: half(32) };
export const SPECS = specsOf(VALIDITY);
export const CHAIN = pckChain(SPECS);
export const SIGNERS = signerChain(SPECS);
export const ROOT_CHAIN = chainOf(SPECS.root);
export const CA_CHAIN = chainOf(SPECS.platformCa, SPECS.root);

export const bare = () => deployUnder(DEVELOPMENT);

/** With collateral signed under the development root, and without lists. */
export async function collateralOnly(chain: Chain = connection) {
  const base = await deployUnder(DEVELOPMENT, chain);
  for (const isTdx of [false, true]) {
    await base.collateral.postTcbInfo(SIGNERS, ...signedCollateral(tcbInfo(isTdx, DATES)));
    await base.collateral.postIdentity(SIGNERS, ...signedCollateral(enclaveIdentity(isTdx, DATES)));
  }
  return base;
}

/** With collateral, and with lists that revoke none of the certificates here. */
export async function served(chain: Chain = connection) {
  const base = await collateralOnly(chain);
  const dates = { thisUpdate: DATES.issuedAt, nextUpdate: DATES.nextUpdate };
  await base.certificates.enterRevocations(
    ROOT_CHAIN,
    revocationList({ ...dates, issuer: SIGNED_BY.root, serials: [] }),
    9,
  );
  await base.certificates.enterRevocations(
    CA_CHAIN,
    revocationList({ ...dates, issuer: SIGNED_BY.platformCa, serials: [1n] }),
    9,
  );
  return base;
}

const fixtures = new URL("../../fixtures/dcap/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, fixtures));

/** Quotes that Intel's quoting enclaves signed. */
export const REAL_QUOTES = {
  "SGX version 3": Buffer.from(read("quotev3.hex").toString("latin1").trim(), "hex"),
  "TDX version 4": Buffer.from(read("quotev4.hex").toString("latin1").trim(), "hex"),
  "TDX version 5": read("quotev5.dat"),
};

/** What the versions of Intel's quotes are held against without collateral: they meet it, and not by much. */
export function minimumOf(isTdx: boolean) {
  return {
    qeMrSigner: isTdx
      ? "0xdc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5"
      : "0x8c4f5775d796503e96137f77c68a829a0056ac8ded70140b081b094490c57bff",
    sgxSvns: isTdx ? "0x02020202030100000000000000000000" : "0x0e0e0303ffff01000000000000000000",
    tdxSvns: isTdx ? "0x04010200000000000000000000000000" : "0x00000000000000000000000000000000",
    pceSvn: isTdx ? 11 : 13,
    qeProdId: isTdx ? 2 : 1,
    qeSvn: isTdx ? 6 : 9,
    until: START + 90 * DAY,
  };
}

/** Under Intel's root: minimums instead of collateral, which does not come with quotes, and no lists. */
export async function underIntel(chain: Chain = connection) {
  const base = await deployUnder(INTEL, chain);
  await base.collateral.requireLists(false);
  for (const isTdx of [false, true]) await base.collateral.setMinimum(isTdx, minimumOf(isTdx));
  return base;
}

export const { passTimeUntil, goBackInTime } = chainClock(networkHelpers);

const CALL_GAS = 12_000_000;

/** The name of the typed error by which a call fails, or "passes". */
export function outcome(base: Contracts, to: Callable, method: string, ...args: readonly unknown[]) {
  const contracts = [base.certificates, base.reader, base.collateral, base.verifier];
  return callOutcome({ provider: connection.provider, contracts, gas: CALL_GAS }, to, method, args);
}

export const inspection = (contracts: Contracts, quote: Uint8Array) =>
  outcome(contracts, contracts.verifier, "inspect", quote);
