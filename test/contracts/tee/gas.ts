import { revocationList } from "../../../workers/tee/development/authority.ts";
import { enclaveIdentity, tcbInfo, tcbLevel } from "../../../workers/tee/development/collateral.ts";
import { quote, SIGNED_BY, signedCollateral } from "./development.ts";
import {
  CA_CHAIN,
  type Chain,
  CHAIN,
  collateralOnly,
  DATES,
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
  return { ...figures, ...(await measurePosting(chain)) };
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
