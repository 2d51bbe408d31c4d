import type { CertificateStore } from "../../types/ethers-contracts/contracts/tee/x509/CertificateStore.ts";
import type { CollateralRegistry } from "../../types/ethers-contracts/contracts/tee/dcap/CollateralRegistry.ts";
import type { DevelopmentPlatform } from "../../workers/tee/development/development-platform.ts";

export interface CollateralContracts {
  readonly certificates: CertificateStore;
  readonly collateral: CollateralRegistry;
}

/** More than any list of a development platform has. */
const MOST_REVOCATIONS = 32;

/** Posts what a development platform says about itself: TCB infos, identities and revocation lists with these dates. */
export async function postCollateral(
  { certificates, collateral }: CollateralContracts,
  platform: DevelopmentPlatform,
  dates: Parameters<DevelopmentPlatform["collateral"]>[0],
): Promise<void> {
  const { tcbInfos, identities, lists } = platform.collateral(dates);
  const signer = platform.chains.collateralSigner;
  const sent = [];
  for (const signed of tcbInfos) sent.push(await collateral.postTcbInfo(signer, ...signed));
  for (const signed of identities) sent.push(await collateral.postIdentity(signer, ...signed));
  for (const { issuerChain, list } of lists)
    sent.push(await certificates.enterRevocations(issuerChain, list, MOST_REVOCATIONS));
  for (const transaction of sent) await transaction.wait();
}
