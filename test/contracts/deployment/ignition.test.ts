import { expect } from "chai";
import { decodeBytes32String, getCreateAddress, ZeroAddress } from "ethers";
import { network } from "hardhat";

import Assay from "../../../scripts/ignition/Assay.ts";
import DevelopmentEnclaves from "../../../scripts/ignition/DevelopmentEnclaves.ts";
import Contracts from "../../../scripts/ignition/Contracts.ts";
import { challengeBondFor, DEFAULT_GAS, jobStakeFor } from "../../../scripts/ignition/bonds.ts";
import type { EnclaveRegistry } from "../../../types/ethers-contracts/contracts/tee/EnclaveRegistry.ts";
import { ROOT } from "../enclaves.ts";

const DAY = 86_400;
const TOO_LONG = 91 * DAY;

type Chain = Awaited<ReturnType<typeof network.create>>;

/** A chain of its own, with an account that deploys. */
async function chain(index = 0) {
  const connection = await network.create();
  const signer = (await connection.ethers.getSigners())[index];
  if (signer === undefined) throw new Error("too few accounts");
  return { ...connection, signer };
}

/** What an account deployed by itself: code by address. */
async function deployedBy({ ethers }: Chain, account: string): Promise<string[]> {
  const codes: string[] = [];
  const count = await ethers.provider.getTransactionCount(account);
  for (let nonce = 0; nonce < count; nonce++)
    codes.push(await ethers.provider.getCode(getCreateAddress({ from: account, nonce })));
  return codes.filter((code) => code !== "0x");
}

/** Kind of each quote verifier, and whether it is simulated. */
async function quoteVerifiersOf(enclaves: EnclaveRegistry) {
  const ids = Array.from({ length: Number(await enclaves.quoteVerifierCount()) }, (_, verifierId) => verifierId);
  const found = await Promise.all(ids.map((verifierId) => enclaves.quoteVerifierOf(verifierId)));
  return found.map(({ kind, simulated }) => [decodeBytes32String(kind), simulated] as const);
}

describe("the deployment", function () {
  this.timeout(120_000);

  it("has defaults that work for the native coin, with bonds that cover gas", async () => {
    const { ignition, ethers } = await chain();
    const { market, workerRegistry, receiptAnchors, enclaveRegistry } = await ignition.deploy(Assay);
    const whole = await ethers.getContractAt("IInferenceMarket", await market.getAddress());
    const { jobStake, challengeBond } = await whole.parameters();
    expect([jobStake, challengeBond]).to.deep.equal([jobStakeFor(DEFAULT_GAS), challengeBondFor(DEFAULT_GAS)]);
    expect(await whole.currency()).to.equal(ZeroAddress);
    const workers = await ethers.getContractAt("WorkerRegistry", await workerRegistry.getAddress());
    expect([await workers.market(), await workers.anchors()]).to.deep.equal([
      await market.getAddress(),
      await receiptAnchors.getAddress(),
    ]);
    const enclaves = await ethers.getContractAt("EnclaveRegistry", await enclaveRegistry.getAddress());
    expect(await quoteVerifiersOf(enclaves)).to.deep.equal([
      ["dcap", false],
      ["nitro", false],
    ]);
    expect(await enclaves.grace()).to.equal(BigInt(14 * DAY));
  });

  it("takes simulated quotes only if that is asked for, with a root, and then last", async () => {
    const { ignition, ethers } = await chain();
    const { enclaveRegistry, developmentQuoteVerifier } = await ignition.deploy(DevelopmentEnclaves, {
      parameters: { DevelopmentEnclaves: ROOT },
    });
    const enclaves = await ethers.getContractAt("EnclaveRegistry", await enclaveRegistry.getAddress());
    expect(await quoteVerifiersOf(enclaves)).to.deep.equal([
      ["dcap", false],
      ["nitro", false],
      ["dcap", true],
    ]);
    expect((await enclaves.quoteVerifierOf(2)).verifier).to.equal(await developmentQuoteVerifier.getAddress());
    let reason = "";
    await (await chain()).ignition.deploy(DevelopmentEnclaves).catch((error: unknown) => (reason = String(error)));
    expect(reason).to.match(/rootX/u);
  });

  it("makes no market if a parameter of any contract is bad", async () => {
    const connection = await chain();
    const { ignition, signer, networkHelpers } = connection;
    const start = await networkHelpers.takeSnapshot();
    const { market } = await ignition.deploy(Contracts);
    const marketBytes = (await connection.ethers.provider.getCode(market)).length;
    expect((await deployedBy(connection, signer.address)).map(({ length }) => length)).to.include(marketBytes);
    await start.restore();
    const bad = {
      minimumStake: 0,
      unbondingDelay: 1,
      enclaveGrace: TOO_LONG,
      anchorChallengeWindow: TOO_LONG,
      anchorStake: 0,
      channelDisputeWindow: 0,
      priorityWindow: 0,
      evidenceWindow: TOO_LONG,
      revealWindow: 0,
      minChallengeWindow: 2 * DAY,
      maxTimeToLive: 60,
      maxCallbackGas: 10_000_001,
      jobStake: 0,
      challengeBond: 0,
      missLimit: 0,
    };
    for (const [name, value] of Object.entries(bad)) {
      const snapshot = await networkHelpers.takeSnapshot();
      let failed = false;
      try {
        await ignition.deploy(Assay, { parameters: { Assay: { [name]: value } } });
      } catch {
        failed = true;
      }
      expect(failed, name).to.equal(true);
      const sizes = (await deployedBy(connection, signer.address)).map(({ length }) => length);
      expect(sizes, name).to.not.include(marketBytes);
      await snapshot.restore();
    }
  });
});

describe("a deployment with the strategy create2", function () {
  this.timeout(120_000);

  const SALT = `0x${"41".repeat(32)}`;
  const deployTo = async ({ ignition, signer }: Awaited<ReturnType<typeof chain>>, admin: string, salt = SALT) => {
    const contracts = await ignition.deploy(Contracts, {
      strategy: "create2",
      strategyConfig: { salt },
      defaultSender: signer.address,
      parameters: { Assay: { admin } },
    });
    return Promise.all(
      Object.values(contracts).map(async (contract: { getAddress(): Promise<string> }) => contract.getAddress()),
    );
  };

  it("has the same addresses whoever deploys, and others with another salt or administrator", async () => {
    const [first, second, third, fourth] = await Promise.all([chain(), chain(1), chain(), chain()]);
    const admin = first.signer.address;
    const addresses = await deployTo(first, admin);
    expect(new Set(addresses).size).to.equal(19);
    for (const address of addresses) expect(await first.ethers.provider.getCode(address)).to.not.equal("0x");
    expect(await deployTo(second, admin)).to.deep.equal(addresses);
    const salted = await deployTo(third, admin, `0x${"42".repeat(32)}`);
    expect(salted.filter((address) => addresses.includes(address))).to.deep.equal([]);
    // Proofs, models, channels, Intel's certificates, collateral's reading and curves are no administrator's business.
    const administered = await deployTo(fourth, second.signer.address);
    expect(administered.filter((address) => addresses.includes(address)).length).to.equal(6);
  });

  it("is wired by the administrator and by nobody else", async () => {
    const connection = await chain(1);
    const { ignition, ethers, signer } = connection;
    const [admin] = await ethers.getSigners();
    if (admin === undefined) throw new Error("too few accounts");
    const contracts = await ignition.deploy(Contracts, {
      strategy: "create2",
      strategyConfig: { salt: SALT },
      defaultSender: signer.address,
      parameters: { Assay: { admin: admin.address } },
    });
    const workers = await ethers.getContractAt("WorkerRegistry", await contracts.workerRegistry.getAddress());
    const holders = [await contracts.market.getAddress(), await contracts.receiptAnchors.getAddress()] as const;
    await expect(workers.connect(signer).setHolders(...holders))
      .to.be.revertedWithCustomError(workers, "AccessManagedUnauthorized")
      .withArgs(signer.address);
    await workers.connect(admin).setHolders(...holders);
  });

  it("deploys nothing where there is no factory", async () => {
    const connection = await network.create({ network: "default", override: { chainId: 4_663 } });
    const [signer] = await connection.ethers.getSigners();
    if (signer === undefined) throw new Error("too few accounts");
    let reason = "";
    try {
      await deployTo({ ...connection, signer }, signer.address);
    } catch (error) {
      reason = String(error);
    }
    expect(reason).to.match(/CreateX/u);
    expect(await connection.ethers.provider.getTransactionCount(signer)).to.equal(0);
  });
});
