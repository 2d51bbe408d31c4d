import { keccak256 } from "ethers";
import { network } from "hardhat";

import type { VersionSpecStruct } from "../../../types/ethers-contracts/contracts/ModelRegistry.ts";
import { doubling } from "../doubling.ts";
import { MEASUREMENT, PLATFORM, postFor } from "../enclaves.ts";

/** A chain with nothing but the verifiers and the registries that they read. */
const connection = await network.create();
export const { ethers, networkHelpers } = connection;

export const VANILLA = 1;
export const TEE = 2;
export const ZKML = 4;
const DAY = 86_400;
export const QUOTE_MAX_AGE = 86_400n;
export const NO_SAMPLE = { binding: 0n, input: "0x", output: "0x", proof: "0x" };

export type Deployed = Awaited<ReturnType<typeof deployed>>;

export async function deployed() {
  const [admin, owner, stranger, worker, other] = await ethers.getSigners();
  if (!admin || !owner || !stranger || !worker || !other) throw new Error("too few accounts");
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const groth16 = await ethers.deployContract("Groth16Verifier");
  const models = await ethers.deployContract("ModelRegistry", [groth16]);
  const workers = await ethers.deployContract("WorkerRegistry", [models, ethers.ZeroAddress, 1, DAY, manager]);
  const enclaves = await ethers.deployContract("EnclaveRegistry", [manager, workers, DAY]);
  const tee = await ethers.deployContract("TeeVerifier", [models, enclaves]);
  const certificates = await ethers.deployContract("CertificateStore", [PLATFORM.root.x, PLATFORM.root.y]);
  const reader = await ethers.deployContract("CollateralReader");
  const collateral = await ethers.deployContract("CollateralRegistry", [manager, certificates, reader]);
  await postFor(ethers, { certificates, collateral });
  const quotes = await ethers.deployContract("DcapQuoteVerifier", [certificates, collateral, QUOTE_MAX_AGE]);
  await enclaves.addQuoteVerifier(quotes);
  await enclaves.acceptMeasurement(MEASUREMENT, true);
  await models.connect(owner).registerModel("doubling");
  return { admin, owner, stranger, worker, other, manager, groth16, models, enclaves, tee, quotes };
}

export const load = () => networkHelpers.loadFixture(deployed);

/** One byte in, one byte out. */
export function specOf(overrides: Partial<VersionSpecStruct> = {}): VersionSpecStruct {
  const byte = { kind: 0, bits: 8, decimals: 0, shape: [1] };
  return {
    artifactDigest: keccak256("0x01"),
    manifestDigest: keccak256("0x02"),
    uri: "ipfs://",
    inputs: [byte],
    outputs: [byte],
    levels: TEE,
    verificationKeyHash: ethers.ZeroHash,
    measurements: [],
    royalty: 7n,
    workUnits: 10n,
    devKeys: true,
    ...overrides,
  };
}

let sampleProof: Promise<Uint8Array> | undefined;

/** Adds a version of model 1 with this key and a sample proof that the doubling circuit's own key accepts. */
export async function publish({ models, owner }: Pick<Deployed, "models" | "owner">, key: Uint8Array | string) {
  const spec = specOf({ levels: ZKML, verificationKeyHash: keccak256(key) });
  sampleProof ??= doubling().then(({ prove }) => prove(5n, 3));
  const sample = { binding: 5n, input: "0x03", output: "0x06", proof: await sampleProof };
  return models.connect(owner).addVersion(1, spec, key, sample);
}
