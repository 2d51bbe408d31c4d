import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { concat, hexlify, keccak256, toBeHex, toUtf8Bytes, Wallet } from "ethers";

import type { ReceiptAnchors } from "../../types/ethers-contracts/contracts/ReceiptAnchors.ts";
import { merkleTree } from "../../workers/sdk/receipts/merkle-tree.ts";
import {
  type AnchorsPlace,
  type Receipt,
  receiptLeaf,
  receiptResultDigest,
} from "../../workers/sdk/receipts/receipt.ts";
import { allow, ETHER, ethers, type Money, nativeCoin, networkHelpers, tokenMoney } from "./channels-fixture.ts";
import { doubling } from "./doubling.ts";
import { enroll, MEASUREMENT, PLATFORM, postFor } from "./enclaves.ts";

const LEVELS = { Vanilla: 1, Tee: 2, Zkml: 4 } as const;
export const ANCHOR_STATE = { None: 0n, Open: 1n, Released: 2n, Slashed: 3n } as const;
export const CHALLENGE_STATE = { None: 0n, Open: 1n, Shown: 2n, Ended: 3n } as const;
export const BURN = "0x000000000000000000000000000000000000dEaD";
export const STAKE = ETHER;
/** Three more than a multiple of four, so that a quarter leaves a rest. */
export const PARAMETERS = {
  challengeWindow: 3_600n,
  evidenceWindow: 600n,
  anchorStake: ETHER / 10n + 3n,
  challengeBond: ETHER / 1000n,
} as const;

const DAY = 86_400n;
const BYTE = { kind: 0, bits: 8, decimals: 0, shape: [1] };

export type Anchors = Awaited<ReturnType<typeof anchorsWith>>;

export const nativeAnchors = () => anchorsWith(nativeCoin);
export const tokenAnchors = async () => anchorsWith(await tokenMoney("PermitToken"));

/** Real registries and verifiers, two versions (doubling proven by Zkml, and by Tee alone), and one worker with stake. */
export async function anchorsWith(money: Money) {
  const [admin, owner, requester, challenger, stranger, operator, key] = await ethers.getSigners();
  if (!admin || !owner || !requester || !challenger || !stranger || !operator || !key)
    throw new Error("too few accounts");

  const accessManager = await ethers.deployContract("AccessManager", [admin]);
  const zkmlVerifier = await ethers.deployContract("Groth16Verifier");
  const models = await ethers.getContractAt(
    "ModelRegistry",
    await ethers.deployContract("ModelRegistry", [zkmlVerifier]),
  );
  const registry = await ethers.deployContract("WorkerRegistry", [
    models,
    money.address,
    ETHER / 10n,
    DAY,
    accessManager,
  ]);
  const workers = await ethers.getContractAt("WorkerRegistry", registry);
  const enclaves = await ethers.getContractAt(
    "EnclaveRegistry",
    await ethers.deployContract("EnclaveRegistry", [accessManager, workers, DAY]),
  );
  const tee = await ethers.deployContract("TeeVerifier", [models, enclaves]);
  const certificates = await ethers.deployContract("CertificateStore", [PLATFORM.root.x, PLATFORM.root.y]);
  const reader = await ethers.deployContract("CollateralReader");
  const collateral = await ethers.deployContract("CollateralRegistry", [accessManager, certificates, reader]);
  await postFor(ethers, { certificates, collateral });
  const quotes = await ethers.deployContract("DcapQuoteVerifier", [certificates, collateral, DAY]);
  await enclaves.connect(admin).addQuoteVerifier(quotes);
  await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, true);
  const parts = [models, workers, tee, zkmlVerifier] as const;
  const anchors = await ethers.getContractAt(
    "ReceiptAnchors",
    await ethers.deployContract("ReceiptAnchors", [PARAMETERS, ...parts]),
  );
  await workers.connect(admin).setHolders(await ethers.deployContract("Holder"), anchors);
  for (const spender of [workers, anchors]) await allow(money, spender);

  await models.connect(owner).registerModel("doubling");
  await workers.connect(operator).register(key, 1n, STAKE, money.value(STAKE));
  const { chainId } = await ethers.provider.getNetwork();
  const place: AnchorsPlace = { chainId: Number(chainId), anchors: await anchors.getAddress() };
  const base = {
    owner,
    requester,
    challenger,
    stranger,
    operator,
    key,
    models,
    workers,
    enclaves,
    anchors,
    parts,
    money,
  };
  const workerId = await workers.workerIdOf(key);
  const enclave = await enrolledEnclave(base, key);
  const teeVersion = await addVersion(base, LEVELS.Vanilla | LEVELS.Tee);
  const zkmlVersion = await addVersion(base, LEVELS.Vanilla | LEVELS.Tee | LEVELS.Zkml);
  return { ...base, admin, place, workerId, enclave, teeVersion, zkmlVersion };
}

async function addVersion({ models, owner }: Pick<Anchors, "models" | "owner">, levels: number): Promise<string> {
  const circuit = levels & LEVELS.Zkml ? await doubling() : undefined;
  const spec = {
    artifactDigest: keccak256("0x01"),
    manifestDigest: keccak256("0x02"),
    uri: "ipfs://",
    inputs: [BYTE],
    outputs: [BYTE],
    levels,
    verificationKeyHash: circuit === undefined ? ethers.ZeroHash : keccak256(circuit.key),
    measurements: [],
    royalty: 0n,
    workUnits: 1n,
    devKeys: true,
  };
  const sample =
    circuit === undefined
      ? { binding: 0n, input: "0x", output: "0x", proof: "0x" }
      : { binding: 1n, input: "0x03", output: "0x06", proof: await circuit.prove(1n, 3) };
  const versionId = await models.versionIdOf(1, spec);
  await models.connect(owner).addVersion(1, spec, circuit?.key ?? "0x", sample);
  return versionId;
}

/** Enrols an enclave of a worker's key by a simulated quote. */
async function enrolledEnclave({ enclaves }: Pick<Anchors, "enclaves">, key: HardhatEthersSigner): Promise<Wallet> {
  const enclave = new Wallet(keccak256(toUtf8Bytes(`enclave of ${key.address}`)));
  await enroll(enclaves, enclave, key);
  return enclave;
}

/** A receipt of the worker for a byte that was doubled, or for a wrong output if one is given. */
export function receiptOf(base: Anchors, input: number, overrides: Partial<Receipt> = {}): Receipt {
  return {
    versionId: base.teeVersion,
    inputHash: keccak256(toBeHex(input, 1)),
    outputHash: keccak256(toBeHex(2 * input, 1)),
    requester: base.requester.address,
    worker: base.key.address,
    answeredAt: 1_700_000_000n,
    nonce: BigInt(input),
    ...overrides,
  };
}

/** The worker anchors receipts; `proofs` are in their order. */
export async function anchored({ anchors, place, workerId, key }: Anchors, receipts: readonly Receipt[]) {
  const leaves = receipts.map((receipt) => receiptLeaf(place, receipt));
  const tree = merkleTree(leaves);
  await anchors.connect(key).anchor(workerId, tree.root, receipts.length, "ipfs://");
  return { anchorId: await anchors.anchorCount(), leaves, proofs: leaves.map((_, index) => tree.proofOf(index)) };
}

/** The enclave's signature of what a receipt says. */
export function signatureFor({ place, enclave }: Pick<Anchors, "place" | "enclave">, receipt: Receipt): string {
  return enclave.signingKey.sign(receiptResultDigest(place, receipt)).serialized;
}

/** A real proof of what a receipt says, followed by its input. */
export async function proofFor({ place }: Pick<Anchors, "place">, receipt: Receipt, input: number): Promise<string> {
  const proof = await (await doubling()).prove(BigInt(receiptResultDigest(place, receipt)) >> 8n, input);
  return hexlify(concat([proof, toBeHex(input, 1)]));
}

/** Fails unless the contract holds exactly the balances and a bond for every open challenge. */
export async function expectSolvent({ anchors, money }: { anchors: ReceiptAnchors; money: Money }): Promise<void> {
  let owed = 0n;
  for (const account of [...(await ethers.getSigners()), BURN]) owed += await anchors.balanceOf(account);
  for (let id = await anchors.anchorCount(); id > 0n; id--)
    owed += (await anchors.anchorOf(id)).openChallenges * PARAMETERS.challengeBond;
  const had = await money.held(anchors);
  if (had !== owed) throw new Error(`the contract holds ${had} and owes ${owed}`);
}

export async function passTime(until: bigint): Promise<void> {
  await networkHelpers.time.increaseTo(until + 1n);
}
