import { AbiCoder, id, Wallet } from "ethers";

import type { EnrolmentStruct } from "../../../../types/ethers-contracts/contracts/tee/EnclaveRegistry.ts";
import { revocationList } from "../../../../workers/tee/development/authority.ts";
import { signedCollateral, tcbInfo } from "../../../../workers/tee/development/collateral.ts";
import { enrolmentOf, MEASUREMENT, PLATFORM, SIGNED_BY, signPossession } from "../../enclaves.ts";
import { type Deployed, ethers, networkHelpers, served } from "../../fixture.ts";

const YEAR = 365 * 86_400;
/** Numbers of the module and of the loader, as the development platform has them, and after an update. */
const [BEFORE, AFTER] = [7, 8];

export const ENCLAVE = new Wallet(id("an enclave of the registry's tests"));
export const OTHER_ENCLAVE = new Wallet(id("another enclave of the registry's tests"));

/** A deployment with a worker, and a verifier that believes every quote besides the real ones. */
export async function withTrusting() {
  const base = await served();
  const trusting = await ethers.deployContract("TrustingQuoteVerifier");
  await base.enclaves.addQuoteVerifier(trusting);
  const trustingId = (await base.enclaves.quoteVerifierCount()) - 1n;
  return { ...base, trusting, trustingId };
}

export const load = () => networkHelpers.loadFixture(withTrusting);

export const now = async () => BigInt(await networkHelpers.time.latest());

/** An enrolment whose quote says what the test wants, for the verifier that believes it. */
export async function believed(
  { enclaves, trustingId }: Pick<Awaited<ReturnType<typeof withTrusting>>, "enclaves" | "trustingId">,
  enclave: Wallet,
  worker: string,
  says: { readonly validUntil: bigint; readonly measurement?: string },
): Promise<EnrolmentStruct> {
  const blockNumber = BigInt((await ethers.provider.getBlockNumber()) - 1);
  const [high, low] = await enclaves.reportData(enclave, worker, blockNumber);
  const quote = ethers.getBytes(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "bytes32", "bytes32", "uint64"],
      [says.measurement ?? MEASUREMENT, high, low, says.validUntil],
    ),
  );
  const { chainId } = await ethers.provider.getNetwork();
  const registry = await enclaves.getAddress();
  const keySignature = await signPossession(enclave, { chainId, registry, worker, quote });
  return { verifierId: trustingId, enclaveKey: enclave.address, worker, blockNumber, quote, keySignature };
}

/** Enrols by a real quote and gives its bytes. */
export async function enrolled(
  { enclaves, worker }: Pick<Awaited<ReturnType<typeof withTrusting>>, "enclaves" | "worker">,
  enclave = ENCLAVE,
): Promise<Uint8Array> {
  const enrolment = await enrolmentOf(enclaves, enclave, worker.key);
  await enclaves.enroll(enrolment);
  return ethers.getBytes(enrolment.quote);
}

/** The report of a TD on a platform after the update that `recoverTcb` asks for. */
export const UPDATED = { 2: Buffer.from([AFTER]) };

/** What Intel does in a TCB recovery: new TCB info by which the platform, as it is, gets this status. */
export async function recoverTcb({ collateral }: Pick<Deployed, "collateral">, status = "OutOfDate"): Promise<void> {
  const time = Number(await now());
  const info = tcbInfo(true, { issuedAt: time, nextUpdate: time + YEAR });
  const tcbLevels = info.tcbLevels.map((level) => {
    if (level.tcbStatus === "OutOfDate") return { ...level, tcbStatus: status };
    if (!("tdxtcbcomponents" in level.tcb)) throw new Error("the levels are not of TDX");
    const { tdxtcbcomponents } = level.tcb;
    const raised = tdxtcbcomponents.map((component) =>
      component.svn === BEFORE ? { ...component, svn: AFTER } : component,
    );
    return { ...level, tcb: { ...level.tcb, tdxtcbcomponents: raised } };
  });
  const signed = signedCollateral({ ...info, tcbLevels }, SIGNED_BY.collateralSigner);
  await collateral.postTcbInfo(PLATFORM.chains.collateralSigner, ...signed);
}

/** The platform's certificate is revoked by a newer list of who issued it. */
export async function revokePlatform({ certificates }: Pick<Deployed, "certificates">): Promise<void> {
  const thisUpdate = Number(await now());
  const list = { thisUpdate, nextUpdate: thisUpdate + YEAR, serials: [SIGNED_BY.pck.serial] };
  const signed = revocationList({ ...list, issuer: SIGNED_BY.platformCa });
  await certificates.enterRevocations(PLATFORM.chains.platformCa, signed, 9);
}
