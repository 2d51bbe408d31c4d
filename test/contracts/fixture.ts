import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import {
  type BaseContract,
  concat,
  getBytes,
  keccak256,
  Result,
  toBeHex,
  toUtf8Bytes,
  Wallet,
  zeroPadValue,
} from "ethers";
import { network } from "hardhat";

import DevelopmentEnclaves from "../../scripts/ignition/DevelopmentEnclaves.ts";
import type {
  JobDescriptionStructOutput,
  JobStructOutput,
  RequestStruct,
} from "../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import type { VersionSpecStruct } from "../../types/ethers-contracts/contracts/ModelRegistry.ts";
import { doubling } from "./doubling.ts";
import { enroll, MEASUREMENT, postFor, ROOT } from "./enclaves.ts";

/** One chain for all tests of the contracts; each test starts from a snapshot of it. */
export const connection = await network.create();
export const { ethers, ignition, networkHelpers } = connection;

export const LEVEL = { Vanilla: 0, Tee: 1, Zkml: 2 } as const;
export const STATE = {
  None: 0,
  Requested: 1,
  Claimed: 2,
  Copying: 3,
  Executed: 4,
  Challenged: 5,
  Settled: 6,
  Refunded: 7,
} as const;
export const PHASE = { None: 0, Committing: 1, Revealing: 2, Closed: 3 } as const;
export const CALLBACK_AT = { Executed: 0, Final: 1 } as const;
export const ALL_LEVELS = 7;
export const BURN = "0x000000000000000000000000000000000000dEaD";

export const GWEI = 10n ** 9n;
export const ETHER = 10n ** 18n;
export const ROYALTY = 10n * GWEI;
export const WORK_UNITS = 10n;
export const PRICE = 5n * GWEI;
export const MIN_FEE = 1_000n * GWEI;
export const MAX_FEE = 3_000n * GWEI;
export const TIME_TO_LIVE = 3_600n;
export const STAKE = ETHER;
export const QUOTE_MAX_AGE = 86_400n;
export const ENCLAVE_GRACE = 3_600n;

/** The tests' parameters of the market. */
export const PARAMETERS = {
  priorityWindow: 60n,
  evidenceWindow: 600n,
  revealWindow: 120n,
  minChallengeWindow: 300n,
  maxChallengeWindow: 86_400n,
  maxTimeToLive: 86_400n,
  maxCallbackGas: 2_000_000n,
  jobStake: ETHER / 100n,
  challengeBond: ETHER / 1000n,
  missLimit: 3n,
} as const;

/** As callers supply it; what it says is in its terms. */
export type Job = JobStructOutput;
export type JobTerms = JobDescriptionStructOutput;
export type Deployed = Awaited<ReturnType<typeof deployed>>;

export interface WorkerActor {
  readonly id: bigint;
  readonly operator: HardhatEthersSigner;
  readonly key: HardhatEthersSigner;
  /** Its enclave, enrolled with the accepted measurement. */
  readonly enclave: Wallet;
}

/** The contracts, deployed by the Ignition module, without models or workers, for the native coin. */
export async function deployed() {
  return deployedFor(ethers.ZeroAddress);
}

/** The same for an ERC-20. */
export async function deployedFor(currency: string) {
  const [admin, owner, requester, challenger, treasury, stranger, ...others] = await ethers.getSigners();
  if (!admin || !owner || !requester || !challenger || !treasury || !stranger) throw new Error("too few accounts");
  const parameters = {
    Assay: {
      ...PARAMETERS,
      currency,
      minimumStake: ETHER / 10n,
      unbondingDelay: 86_400n,
      enclaveGrace: ENCLAVE_GRACE,
    },
    DevelopmentEnclaves: { ...ROOT, quoteMaxAge: QUOTE_MAX_AGE },
  };
  const contracts = await ignition.deploy(DevelopmentEnclaves, { parameters });
  const at = async (contract: { getAddress(): Promise<string> }) => contract.getAddress();
  const certificates = await ethers.getContractAt("CertificateStore", await at(contracts.developmentCertificates));
  const collateral = await ethers.getContractAt("CollateralRegistry", await at(contracts.developmentCollateral));
  await postFor(ethers, { certificates, collateral });
  // The whole interface: the market's parts answer together at this address.
  const market = await ethers.getContractAt("IInferenceMarket", await at(contracts.market));
  return {
    admin,
    owner,
    requester,
    challenger,
    treasury,
    stranger,
    others,
    market,
    models: await ethers.getContractAt("ModelRegistry", await at(contracts.modelRegistry)),
    workers: await ethers.getContractAt("WorkerRegistry", await at(contracts.workerRegistry)),
    enclaves: await ethers.getContractAt("EnclaveRegistry", await at(contracts.enclaveRegistry)),
    manager: await ethers.getContractAt(
      "@openzeppelin/contracts/access/manager/AccessManager.sol:AccessManager",
      await at(contracts.accessManager),
    ),
    groth16: await ethers.getContractAt("Groth16Verifier", await at(contracts.groth16Verifier)),
    tee: await ethers.getContractAt("TeeVerifier", await at(contracts.teeVerifier)),
    anchors: await ethers.getContractAt("ReceiptAnchors", await at(contracts.receiptAnchors)),
    channels: await ethers.getContractAt("PaymentChannels", await at(contracts.paymentChannels)),
    certificates,
    collateral,
    quotes: await ethers.getContractAt("DcapQuoteVerifier", await at(contracts.developmentQuoteVerifier)),
  };
}

/** A deployment with a model, a version that allows every level, and one worker that serves it. */
export async function served() {
  return servedBy(await deployed());
}

/** The same where everything is paid in one of the tokens of `tokens/`, of which every account has and allows plenty. */
export async function servedIn(tokenName: string) {
  const token = await ethers.deployContract(tokenName);
  const base = await deployedFor(await token.getAddress());
  for (const account of await ethers.getSigners()) {
    await token.getFunction("mint")(account, 1_000n * ETHER);
    for (const spender of [base.market, base.workers])
      await token.connect(account).getFunction("approve")(spender, ethers.MaxUint256);
  }
  return { ...(await servedBy(base)), token };
}

async function servedBy(base: Deployed) {
  const { models, enclaves, admin, owner } = base;
  await models.connect(owner).registerModel("doubling");
  const versionId = await addVersion(base, {});
  await enclaves.connect(admin).acceptMeasurement(MEASUREMENT, true);
  const worker = await addWorker(base, versionId, 0);
  await base.market.connect(base.requester).deposit(base.requester, ETHER, await paying(base.market, ETHER));
  return { ...base, versionId, worker };
}

/** What a payable call carries for an amount: nothing if the contract is paid in an ERC-20. */
export async function paying(contract: Paid, amount: bigint): Promise<{ readonly value: bigint }> {
  return { value: (await contract.currency()) === ethers.ZeroAddress ? amount : 0n };
}

interface Paid {
  currency(): Promise<string>;
  getAddress(): Promise<string>;
}

/** What a contract holds of its currency. */
export async function heldBy(contract: Paid): Promise<bigint> {
  const currency = await contract.currency();
  if (currency === ethers.ZeroAddress) return ethers.provider.getBalance(contract);
  const token = await ethers.getContractAt("PermitToken", currency);
  return BigInt(String(await token.getFunction("balanceOf")(contract)));
}

export function specOf(overrides: Partial<VersionSpecStruct>): VersionSpecStruct {
  const byte = { kind: 0, bits: 8, decimals: 0, shape: [1] };
  return {
    artifactDigest: keccak256("0x01"),
    manifestDigest: keccak256("0x02"),
    uri: "ipfs://",
    inputs: [byte],
    outputs: [byte],
    levels: ALL_LEVELS,
    verificationKeyHash: ethers.ZeroHash,
    measurements: [],
    royalty: ROYALTY,
    workUnits: WORK_UNITS,
    devKeys: true,
    ...overrides,
  };
}

export const NO_SAMPLE = { binding: 0n, input: "0x", output: "0x", proof: "0x" };

/** A version of model 1, with the doubling circuit if it allows Zkml. */
export async function addVersion(
  { models, owner }: Pick<Deployed, "models" | "owner">,
  overrides: Partial<VersionSpecStruct>,
): Promise<string> {
  const circuit = await doubling();
  const hasCircuit = (Number(overrides.levels ?? ALL_LEVELS) >> LEVEL.Zkml) & 1;
  const spec = specOf({ verificationKeyHash: hasCircuit ? keccak256(circuit.key) : ethers.ZeroHash, ...overrides });
  const sample = { binding: 1n, input: "0x03", output: "0x06", proof: hasCircuit ? await circuit.prove(1n, 3) : "0x" };
  const versionId = await models.versionIdOf(1, spec);
  await models.connect(owner).addVersion(1, spec, hasCircuit ? circuit.key : "0x", hasCircuit ? sample : NO_SAMPLE);
  return versionId;
}

/** Registers a worker with an enrolled enclave that serves the version at the levels. */
export async function addWorker(
  base: Deployed,
  versionId: string,
  index: number,
  { levels = ALL_LEVELS, price = PRICE, stake = STAKE }: { levels?: number; price?: bigint; stake?: bigint } = {},
): Promise<WorkerActor> {
  const { workers, others } = base;
  const [operator, key] = [others[2 * index], others[2 * index + 1]];
  if (!operator || !key) throw new Error("too few accounts");
  await workers.connect(operator).register(key, price, stake, await paying(workers, stake));
  const id = await workers.workerIdOf(key);
  await workers.connect(key).serve(id, versionId, levels);
  const enclave = new Wallet(keccak256(toUtf8Bytes(`enclave ${index}`)));
  await enroll(base.enclaves, enclave, key);
  return { id, operator, key, enclave };
}

export function requestOf(versionId: string, overrides: Partial<RequestStruct> = {}) {
  return {
    versionId,
    level: LEVEL.Vanilla,
    callbackAt: CALLBACK_AT.Executed,
    callbackGas: 0n,
    minFee: MIN_FEE,
    maxFee: MAX_FEE,
    timeToLive: TIME_TO_LIVE,
    challengeWindow: 0n,
    copies: 1n,
    ...overrides,
  };
}

/** Requests from the requester's account and mines a block, so that views see the draw. */
export async function requestJob(
  base: Pick<Deployed, "market" | "requester"> & { versionId: string },
  overrides: Partial<RequestStruct> = {},
  input = "0x03",
): Promise<RequestedJob> {
  await base.market.connect(base.requester).request(requestOf(base.versionId, overrides), input);
  return lastJob(base);
}

export interface RequestedJob {
  readonly jobId: string;
  readonly job: Job;
  readonly terms: JobTerms;
}

/** The job requested last, as its event tells it. */
export async function lastJob({ market }: Pick<Deployed, "market">): Promise<RequestedJob> {
  const event = (await market.queryFilter(market.filters.JobRequested(), -5)).at(-1);
  if (event === undefined) throw new Error("no job was requested");
  await networkHelpers.mine();
  const job = plainJob(event.args.job);
  return { jobId: event.args.jobId, job, terms: await market.describe(job) };
}

/** A copy that can be changed and passed back: ethers' results are frozen. */
export function plainJob(job: Job): Job {
  if (!(job instanceof Result)) throw new Error("the job is not ethers' own");
  return { ...job.toObject() } as unknown as Job;
}

/** The packed input followed by a real proof, bound to the job, the version and the worker. */
export async function proofFor(
  { market }: Pick<Deployed, "market">,
  job: Job,
  worker: string,
  input: number,
): Promise<Uint8Array> {
  const digest = await market.resultDigest(job, keccak256(toBeHex(2 * input, 1)), worker);
  const proof = await (await doubling()).prove(BigInt(digest) >> 8n, input);
  return getBytes(concat([proof, toBeHex(input, 1)]));
}

/** The enclave's signature of an output. */
export async function signatureFor(
  { market }: Pick<Deployed, "market">,
  job: Job,
  worker: WorkerActor,
  output: string,
): Promise<string> {
  return worker.enclave.signingKey.sign(await market.resultDigest(job, keccak256(output), worker.key)).serialized;
}

/** What the market owes: every account, what every worker earned, and for every open job its escrow and bond. */
export async function owed(
  { market, workers }: Pick<Deployed, "market" | "workers">,
  jobs: readonly Job[],
  accounts: readonly (string | BaseContract | HardhatEthersSigner)[],
): Promise<bigint> {
  let sum = 0n;
  for (const account of accounts) sum += await market.balanceOf(account);
  const workerCount = await workers.workerCount();
  for (let id = 1n; id <= workerCount; id++) sum += (await market.standingOf(id)).earned;
  for (const job of jobs) sum += await escrowOf(market, job);
  return sum;
}

async function escrowOf(market: Deployed["market"], job: Job): Promise<bigint> {
  const jobId = await market.jobIdOf(job);
  const terms = await market.describe(job);
  const { state, dueAt } = await market.statusOf(jobId);
  const round = await market.roundOf(jobId);
  if (state === BigInt(STATE.Requested)) return terms.maxFee;
  if (state === BigInt(STATE.Copying)) return round.phase === BigInt(PHASE.Committing) ? terms.maxFee : round.fee;
  if (state === BigInt(STATE.Challenged)) {
    const { fee, challenger } = await market.challengeOf(jobId);
    return challenger === ethers.ZeroAddress ? fee : fee + PARAMETERS.challengeBond;
  }
  if (state !== BigInt(STATE.Claimed) && state !== BigInt(STATE.Executed)) return 0n;
  if (terms.copies > 1n) return round.fee;
  const window = terms.level === BigInt(LEVEL.Vanilla) ? terms.challengeWindow : PARAMETERS.evidenceWindow;
  return market.feeAt(job, dueAt - window);
}

/** Moves past a time given in seconds. */
export async function passTime(until: bigint): Promise<void> {
  await networkHelpers.time.increaseTo(until + 1n);
}

export function bytes32(value: bigint): string {
  return zeroPadValue(toBeHex(value), 32);
}

/** Fails unless the market holds exactly what it owes. */
export async function expectSolvent(
  base: Pick<Deployed, "market" | "workers">,
  jobs: readonly Job[],
  others: readonly (string | BaseContract)[] = [],
): Promise<void> {
  const accounts = [...(await ethers.getSigners()), ...others, BURN];
  const had = await heldBy(base.market);
  const needed = await owed(base, jobs, accounts);
  if (had !== needed) throw new Error(`the market holds ${had} and owes ${needed}`);
}
