/** Enclaves of the contracts' tests: a development platform that a deployment takes, and enrolments by its quotes. */
import {
  type AddressLike,
  concat,
  encodeBytes32String,
  getBytes,
  id,
  keccak256,
  resolveAddress,
  type Wallet,
} from "ethers";

import { postCollateral } from "../../scripts/demo/post-collateral.ts";
import type { EnclaveRegistry, EnrolmentStruct } from "../../types/ethers-contracts/contracts/tee/EnclaveRegistry.ts";
import type { RootSecret } from "../../workers/tee/development/authority.ts";
import { developmentPlatform } from "../../workers/tee/development/development-platform.ts";
import { imageBody, measurement } from "../../workers/tee/development/image.ts";
import { signersOf } from "../../workers/tee/development/platform.ts";
import { type Patch, quote as quoteOf, reportDataAt } from "../../workers/tee/development/quote.ts";

const DAY = 86_400;
const ROOT_SECRET: RootSecret = `0x${id("development root of the tests").slice(2)}`;
/** Longer than any test lets pass. */
const COLLATERAL_LIFE = 3650 * DAY;

export const SIGNED_BY = signersOf(ROOT_SECRET);
export const PLATFORM = developmentPlatform(ROOT_SECRET);
export const IMAGE = "the enclave's code";
/** Of the image that the tests' deployments accept. */
export const MEASUREMENT = measurement(IMAGE);
export const ROOT = { rootX: PLATFORM.root.x, rootY: PLATFORM.root.y };

interface Chain {
  readonly provider: { getBlock(tag: "latest"): Promise<{ timestamp: number } | null> };
}

/** Collateral for all the time that a test may let pass. */
export async function postFor(chain: Chain, contracts: Parameters<typeof postCollateral>[0]): Promise<void> {
  const { timestamp = 0 } = (await chain.provider.getBlock("latest")) ?? {};
  await postCollateral(contracts, PLATFORM, { issuedAt: timestamp - DAY, nextUpdate: timestamp + COLLATERAL_LIFE });
}

export interface EnrolmentOptions {
  readonly image?: string;
  readonly verifierId?: bigint;
  readonly blockNumber?: bigint;
  /** Other report data than the registry asks for. */
  readonly reportData?: string;
  /** Of another platform, or other code, at offsets of the TD's report. */
  readonly body?: Patch;
  /** Other bytes in place of the quote. */
  readonly quote?: (made: Uint8Array) => Uint8Array;
  /** Who signs in place of the enclave. */
  readonly signer?: Wallet;
}

/** An enrolment of an enclave for a worker by a simulated quote that binds the newest block but one. */
export async function enrolmentOf(
  enclaves: EnclaveRegistry,
  enclave: Wallet,
  worker: AddressLike,
  options: EnrolmentOptions = {},
): Promise<EnrolmentStruct> {
  const { image = IMAGE, signer = enclave } = options;
  const { provider } = enclaves.runner ?? {};
  if (!provider) throw new Error("the registry has no provider");
  const blockNumber = options.blockNumber ?? BigInt((await provider.getBlockNumber()) - 1);
  const reportData = options.reportData ?? concat([...(await enclaves.reportData(enclave, worker, blockNumber))]);
  const made = quoteOf({
    form: "td10-v4",
    chain: PLATFORM.chains.pck,
    pck: SIGNED_BY.pck,
    attestation: SIGNED_BY.attestation,
    body: { ...imageBody(image), ...options.body, [reportDataAt("td10-v4")]: getBytes(reportData) },
  });
  const quote = options.quote?.(made) ?? made;
  const keySignature = await signPossession(signer, {
    chainId: (await provider.getNetwork()).chainId,
    registry: await enclaves.getAddress(),
    worker: await resolveAddress(worker),
    quote,
  });
  const verifierId = options.verifierId ?? (await simulatedVerifier(enclaves));
  return { verifierId, enclaveKey: enclave.address, worker, blockNumber, quote, keySignature };
}

export interface Possession {
  readonly chainId: bigint;
  readonly registry: string;
  readonly worker: string;
  readonly quote: Uint8Array;
}

/** What an enclave's key signs to show that it is there. */
export function signPossession(signer: Wallet, { chainId, registry, worker, quote }: Possession): Promise<string> {
  const domain = { name: "Assay EnclaveRegistry", version: "1", chainId, verifyingContract: registry };
  const types = {
    Enrolment: [
      { name: "worker", type: "address" },
      { name: "quoteHash", type: "bytes32" },
    ],
  };
  return signer.signTypedData(domain, types, { worker, quoteHash: keccak256(quote) });
}

/** Enrols an enclave's key for a worker by a simulated quote. */
export async function enroll(
  enclaves: EnclaveRegistry,
  enclave: Wallet,
  worker: AddressLike,
  options: EnrolmentOptions = {},
): Promise<void> {
  await enclaves.enroll(await enrolmentOf(enclaves, enclave, worker, options));
}

/** The number of the quote verifier that takes simulated quotes of this kind. */
export async function simulatedVerifier(enclaves: EnclaveRegistry): Promise<bigint> {
  for (let verifierId = (await enclaves.quoteVerifierCount()) - 1n; verifierId >= 0n; verifierId--) {
    const { kind, simulated } = await enclaves.quoteVerifierOf(verifierId);
    if (simulated && kind === encodeBytes32String("dcap")) return verifierId;
  }
  throw new Error("no quote verifier takes simulated quotes");
}
