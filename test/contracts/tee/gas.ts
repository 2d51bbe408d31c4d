import { getBytes, id, Wallet } from "ethers";

import { revocationList } from "../../../workers/tee/development/authority.ts";
import { enclaveIdentity, tcbInfo, tcbLevel } from "../../../workers/tee/development/collateral.ts";
import { reportDataAt } from "../../../workers/tee/development/quote.ts";
import { signPossession } from "../enclaves.ts";
import { quote, SIGNED_BY, signedCollateral } from "./development.ts";
import {
  CA_CHAIN,
  type Chain,
  CHAIN,
  collateralOnly,
  DATES,
  DAY,
  REAL_QUOTES,
  served,
  SIGNERS,
  startChain,
  underIntel,
} from "./fixture.ts";

const zeros = Array.from({ length: 16 }, () => 0);

export type GasFigures = Record<string, number>;

/** Gas of whole transactions, base cost and calldata included, on a chain with the precompile for P-256 and without. */
export async function measureGas(): Promise<GasFigures> {
  const figures: GasFigures = {};
  for (const [suffix, hardfork] of [
    ["", "osaka"],
    [" (no precompile)", "prague"],
  ] as const) {
    const measured = await measureOn(await startChain(hardfork));
    for (const [name, gas] of Object.entries(measured)) figures[name + suffix] = Number(gas);
  }
  return figures;
}

async function measureOn(chain: Chain): Promise<Record<string, bigint>> {
  const figures: Record<string, bigint> = {};
  const intel = await underIntel(chain);
  const real = Object.entries(REAL_QUOTES);
  for (const [name, signed] of real)
    figures[`Intel's ${name}, first`] = await intel.verifier.verify.estimateGas(signed);
  for (const [name, signed] of real) {
    const chainOfQuote = signed.subarray(signed.indexOf("-----BEGIN"), signed.lastIndexOf("-----\n") + 6);
    const remembered = await intel.certificates.remember(chainOfQuote);
    figures[`Intel's ${name}, remember the chain`] = (await remembered.wait())?.gasUsed ?? 0n;
    figures[`Intel's ${name}, again`] = await intel.verifier.verify.estimateGas(signed);
  }
  const base = await served(chain);
  const signed = quote({ form: "td10-v4", chain: CHAIN });
  figures["TDX by collateral and with lists, first"] = await base.verifier.verify.estimateGas(signed);
  await base.certificates.remember(CHAIN);
  figures["TDX by collateral and with lists, again"] = await base.verifier.verify.estimateGas(signed);
  return { ...figures, ...(await measureEnrolment(chain)), ...(await measurePosting(chain)) };
}

/** Of TDX, by collateral and with lists; first and again is what enrols the platform, not the key. */
async function measureEnrolment(chain: Chain): Promise<Record<string, bigint>> {
  const { ethers } = chain;
  const base = await served(chain);
  const [, worker] = await ethers.getSigners();
  if (!worker) throw new Error("too few accounts");
  // Nothing here asks who the operator is, so anything does as the registry of workers.
  const enclaves = await ethers.deployContract("EnclaveRegistry", [base.manager, base.manager, DAY]);
  await enclaves.addQuoteVerifier(base.verifier);
  const { chainId } = await ethers.provider.getNetwork();
  const registry = await enclaves.getAddress();
  const enrolmentOf = async (enclave: Wallet) => {
    const blockNumber = (await ethers.provider.getBlockNumber()) - 1;
    const reportData = ethers.concat([...(await enclaves.reportData(enclave, worker, blockNumber))]);
    const signed = quote({ form: "td10-v4", chain: CHAIN, body: { [reportDataAt("td10-v4")]: getBytes(reportData) } });
    const keySignature = await signPossession(enclave, { chainId, registry, worker: worker.address, quote: signed });
    return { verifierId: 0, enclaveKey: enclave.address, worker, blockNumber, quote: signed, keySignature };
  };
  const gasOf = async (sending: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>) =>
    (await (await sending).wait())?.gasUsed ?? 0n;

  const [first, second] = [new Wallet(id("first enclave")), new Wallet(id("second enclave"))];
  const figures: Record<string, bigint> = {};
  figures["enrol an enclave, first"] = await gasOf(enclaves.enroll(await enrolmentOf(first)));
  await base.certificates.remember(CHAIN);
  figures["enrol an enclave, again"] = await gasOf(enclaves.enroll(await enrolmentOf(second)));
  const renewal = await enrolmentOf(first);
  figures["renew an enclave, again"] = await gasOf(enclaves.enroll(renewal));
  await base.collateral.acceptStatuses(1 << 2);
  figures["put an enclave on notice"] = await gasOf(enclaves.invalidateByQuote(first, renewal.quote));
  const dates = { thisUpdate: DATES.issuedAt + 1, nextUpdate: DATES.nextUpdate };
  const list = revocationList({ ...dates, issuer: SIGNED_BY.platformCa, serials: [SIGNED_BY.pck.serial] });
  await base.certificates.enterRevocations(CA_CHAIN, list, 1);
  figures["end an enclave by its revoked quote"] = await gasOf(enclaves.invalidateByQuote(first, renewal.quote));
  figures["end a worker's keys"] = await gasOf(enclaves.connect(worker).endKeys(worker));
  figures["remove an enclave that is over"] = await gasOf(enclaves.invalidate(second));
  return figures;
}

async function measurePosting(chain: Chain): Promise<Record<string, bigint>> {
  const { certificates, collateral } = await collateralOnly(chain);
  const newer = { issuedAt: DATES.issuedAt + 1, nextUpdate: DATES.nextUpdate };
  const plain = tcbInfo(true, newer);
  // About as long as Intel's are.
  const tcbLevels = Array.from({ length: 16 }, (_, i) => tcbLevel("OutOfDate", zeros.with(0, 16 - i), 1, zeros));
  const info = signedCollateral({ ...plain, tcbLevels });
  const identity = signedCollateral(enclaveIdentity(true, newer));
  const dates = { thisUpdate: DATES.issuedAt, nextUpdate: DATES.nextUpdate };
  const list = revocationList({
    ...dates,
    issuer: SIGNED_BY.platformCa,
    serials: Array.from({ length: 10 }, (_, i) => BigInt(i + 1)),
  });
  return {
    "post TCB info of 16 levels and 2 modules": await collateral.postTcbInfo.estimateGas(SIGNERS, ...info),
    "post an identity of 3 levels": await collateral.postIdentity.estimateGas(SIGNERS, ...identity),
    "enter 10 revocations": await certificates.enterRevocations.estimateGas(CA_CHAIN, list, 10),
  };
}
