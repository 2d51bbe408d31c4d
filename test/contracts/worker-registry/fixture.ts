import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type Addressable, keccak256, ZeroAddress, ZeroHash } from "ethers";
import { network } from "hardhat";

import type { ModelRegistry } from "../../../types/ethers-contracts/contracts/ModelRegistry.ts";

/** A chain of its own, so that these tests need nothing but the registries. */
const connection = await network.create();
export const { ethers, networkHelpers } = connection;

export const LEVEL = { Vanilla: 0, Tee: 1, Zkml: 2 } as const;
export const VANILLA = 1;
export const TEE = 2;
export const BOTH = 3;
export const MINIMUM = 10n ** 17n;
export const DAY = 86_400n;
export const DELAY = 7n * DAY;
export const PRICE = 5n;
export const MOST_UINT80 = (1n << 80n) - 1n;

export type Base = Awaited<ReturnType<typeof deployWith>>;
export type Actor = HardhatEthersSigner;

/** A registry of workers in a currency, with a stand-in for the market and one for the anchors. */
export async function deployWith(currency: string | Addressable) {
  const [admin, operator, key, stranger, ...others] = await ethers.getSigners();
  if (!admin || !operator || !key || !stranger) throw new Error("too few accounts");
  const manager = await ethers.deployContract("AccessManager", [admin]);
  const groth16 = await ethers.deployContract("Groth16Verifier");
  const models = await ethers.deployContract("ModelRegistry", [groth16]);
  const workers = await ethers.deployContract("WorkerRegistry", [models, currency, MINIMUM, DELAY, manager]);
  const market = await ethers.deployContract("Holder");
  const anchors = await ethers.deployContract("Holder");
  await models.registerModel("a model");
  const versionId = await addVersion(models);
  return {
    admin,
    operator,
    key,
    stranger,
    others,
    manager,
    models,
    workers,
    market,
    anchors,
    versionId,
    asMarket: await speakFor(await market.getAddress()),
    asAnchors: await speakFor(await anchors.getAddress()),
    setBound: async (workerId: bigint, amount: bigint) => {
      await market.getFunction("setBound")(workerId, amount);
    },
  };
}

async function speakFor(address: string): Promise<HardhatEthersSigner> {
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, 10n ** 24n);
  return ethers.getSigner(address);
}

/** A version without a circuit: it allows Vanilla and Tee. */
async function addVersion(models: ModelRegistry): Promise<string> {
  const byte = { kind: 0, bits: 8, decimals: 0, shape: [1] };
  const spec = {
    artifactDigest: keccak256("0x01"),
    manifestDigest: keccak256("0x02"),
    uri: "ipfs://",
    inputs: [byte],
    outputs: [byte],
    levels: BOTH,
    verificationKeyHash: ZeroHash,
    measurements: [],
    royalty: 0,
    workUnits: 1,
    devKeys: false,
  };
  await models.addVersion(1, spec, "0x", { binding: 0, input: "0x", output: "0x", proof: "0x" });
  return models.versionIdOf(1, spec);
}

/** In the native coin, with market and anchors known. */
export async function native() {
  const base = await deployWith(ZeroAddress);
  await base.workers.setHolders(base.market, base.anchors);
  return base;
}

/** In an ERC-20 of which everybody has a lot and allows the registry all. */
export async function inToken(name: "PermitToken" | "TaxedToken" | "HookedToken") {
  const token = await deployToken(name);
  const base = await deployWith(token.contract);
  await base.workers.setHolders(base.market, base.anchors);
  for (const account of [base.operator, base.key, base.stranger]) {
    await token.mint(account, 1000n * MINIMUM);
    await token.approve(account, base.workers, 1000n * MINIMUM);
  }
  return { ...base, token };
}

async function deployToken(name: string) {
  const contract = await ethers.deployContract(name);
  return {
    contract,
    mint: async (to: Addressable, amount: bigint) => {
      await contract.getFunction("mint")(to, amount);
    },
    approve: async (from: HardhatEthersSigner, to: Addressable, amount: bigint) => {
      await contract.connect(from).getFunction("approve")(to, amount);
    },
    balanceOf: async (account: Addressable) => {
      const balance: unknown = await contract.getFunction("balanceOf")(account);
      return balance;
    },
    /** What the token calls in the middle of its next transfer. */
    setHook: async (target: Addressable, call: string) => {
      await contract.getFunction("setHook")(target, call);
    },
  };
}

/** Registers the next account pair's worker and returns its id and who it is. */
export async function addWorker(base: Base, index: number, tickets: bigint, levels = 0) {
  const [operator, key] = [base.others[2 * index], base.others[2 * index + 1]];
  if (!operator || !key) throw new Error("too few accounts");
  const stake = tickets * MINIMUM;
  await base.workers.connect(operator).register(key, PRICE, stake, { value: stake });
  const id = await base.workers.workerIdOf(key);
  if (levels !== 0) await base.workers.connect(key).serve(id, base.versionId, levels);
  return { id, operator, key };
}

export async function passTime(seconds: bigint): Promise<void> {
  await networkHelpers.time.increase(seconds);
}
