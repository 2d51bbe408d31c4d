import { expect } from "chai";
import { type BaseContract, type FunctionFragment, id, type ParamType, ZeroAddress } from "ethers";
import { network } from "hardhat";

import Handover from "../../../scripts/ignition/Handover.ts";
import { type NarrowRole, ROLE } from "../../../scripts/ignition/roles.ts";

const DAY = 86_400n;

/** Who may call what besides its own business, and how long that takes to count; everything else is everybody's. */
const POWERS: Record<NarrowRole, { calls: readonly string[]; delay: bigint }> = {
  pauser: { calls: ["market.setPaused"], delay: 0n },
  feeSetter: { calls: ["market.setProtocolFee"], delay: 7n * DAY },
  measurer: { calls: ["enclaves.acceptMeasurement"], delay: DAY },
  quoteVerifierAdder: { calls: ["enclaves.addQuoteVerifier"], delay: 7n * DAY },
  platformJudge: {
    calls: ["collateral.setMinimum", "collateral.acceptStatuses", "collateral.requireLists", "nitro.trust"],
    delay: DAY,
  },
};
/** Of the administrator: once, and done by the deployment. */
const ONCE = "workers.setHolders";
/** Of the access manager itself, which follows the administrator. */
const MANAGERS = "setAuthority";

const { ethers, ignition, networkHelpers } = await network.create();

async function handedOver() {
  const [deployer, admin, pauser, feeSetter, measurer, quoteVerifierAdder, platformJudge, stranger] =
    await ethers.getSigners();
  if (!deployer || !admin || !pauser || !feeSetter || !measurer || !quoteVerifierAdder || !platformJudge || !stranger)
    throw new Error("too few accounts");
  const holders = { pauser, feeSetter, measurer, quoteVerifierAdder, platformJudge };
  const addresses = Object.fromEntries(Object.entries(holders).map(([role, { address }]) => [role, address]));
  const parameters = { Handover: { admin: admin.address, ...addresses } };
  const contracts = await ignition.deploy(Handover, { parameters });
  return {
    deployer,
    admin,
    stranger,
    holders,
    manager: await ethers.getContractAt("AccessManager", await contracts.accessManager.getAddress()),
    market: await ethers.getContractAt("IInferenceMarket", await contracts.market.getAddress()),
    /** All contracts under the names of the roles' calls; the market by the whole interface and by its parts'. */
    contracts: [
      ["market", await ethers.getContractAt("IInferenceMarket", await contracts.market.getAddress())],
      ["market", await ethers.getContractAt("InferenceMarket", await contracts.market.getAddress())],
      ["market", await ethers.getContractAt("MarketDisputes", await contracts.market.getAddress())],
      ["market", await ethers.getContractAt("MarketRounds", await contracts.market.getAddress())],
      ["market", await ethers.getContractAt("MarketAccounts", await contracts.market.getAddress())],
      ["workers", await ethers.getContractAt("WorkerRegistry", await contracts.workerRegistry.getAddress())],
      ["enclaves", await ethers.getContractAt("EnclaveRegistry", await contracts.enclaveRegistry.getAddress())],
      ["models", await ethers.getContractAt("ModelRegistry", await contracts.modelRegistry.getAddress())],
      ["anchors", await ethers.getContractAt("ReceiptAnchors", await contracts.receiptAnchors.getAddress())],
      ["channels", await ethers.getContractAt("PaymentChannels", await contracts.paymentChannels.getAddress())],
      ["groth16", await ethers.getContractAt("Groth16Verifier", await contracts.groth16Verifier.getAddress())],
      ["tee", await ethers.getContractAt("TeeVerifier", await contracts.teeVerifier.getAddress())],
      ["certificates", await ethers.getContractAt("CertificateStore", await contracts.intelCertificates.getAddress())],
      ["collateral", await ethers.getContractAt("CollateralRegistry", await contracts.intelCollateral.getAddress())],
      ["nitro", await ethers.getContractAt("NitroCertificates", await contracts.nitroCertificates.getAddress())],
      ["documents", await ethers.getContractAt("NitroQuoteVerifier", await contracts.nitroQuoteVerifier.getAddress())],
      ["quotes", await ethers.getContractAt("DcapQuoteVerifier", await contracts.intelQuoteVerifier.getAddress())],
    ] as readonly (readonly [name: string, contract: BaseContract])[],
  };
}

/** Any arguments of the right types. */
function blank(types: readonly ParamType[]): unknown[] {
  return types.map((type) => {
    if (type.isArray()) return [];
    if (type.isTuple()) return blank(type.components);
    if (type.baseType === "address") return ZeroAddress;
    if (type.baseType === "bool") return false;
    if (type.baseType === "string") return "";
    if (type.baseType === "bytes") return "0x";
    return type.baseType.startsWith("bytes") ? `0x${"00".repeat(Number(type.baseType.slice(5)))}` : 0n;
  });
}

function writing(contract: BaseContract): FunctionFragment[] {
  const found: FunctionFragment[] = [];
  contract.interface.forEachFunction((each) => !each.constant && found.push(each));
  return found;
}

const UNAUTHORIZED = id("AccessManagedUnauthorized(address)").slice(0, 10);

/** The functions that somebody without a role is refused, of all that can write. */
async function restricted({ contracts, stranger }: Awaited<ReturnType<typeof handedOver>>) {
  const found = new Map<string, { target: string; selector: string }>();
  let tried = 0;
  for (const [contractName, contract] of contracts)
    for (const { name, inputs, selector } of writing(contract)) {
      const data = contract.interface.encodeFunctionData(selector, blank(inputs));
      const target = await contract.getAddress();
      const answer = await ethers.provider.call({ from: stranger.address, to: target, data }).catch(revertData);
      if (answer.startsWith(UNAUTHORIZED)) found.set(`${contractName}.${name}`, { target, selector });
      tried++;
    }
  return { found, tried };
}

function revertData(error: unknown): string {
  if (!(error instanceof Error) || !("data" in error)) throw error;
  return typeof error.data === "string" ? error.data : "0x";
}

describe("the powers over a deployment that was handed over", function () {
  this.timeout(60_000);

  const load = () => networkHelpers.loadFixture(handedOver);

  it("are these and no others", async () => {
    const { found, tried } = await restricted(await load());
    expect(tried).to.be.greaterThan(60);
    const managers = ["market", "workers", "enclaves", "collateral", "nitro"].map((name) => `${name}.${MANAGERS}`);
    const calls = Object.values(POWERS).flatMap((power) => power.calls);
    expect([...found.keys()]).to.have.members([...calls, ONCE, ...managers]);
  });

  it("belong to one account each, after a delay, and not to the administrator or who deployed", async () => {
    const base = await load();
    const { manager, admin, deployer, stranger, holders } = base;
    const { found } = await restricted(base);
    for (const [name, { target, selector }] of found) {
      const can = async (account: { address: string }) => {
        const { immediate, delay } = await manager.canCall(account.address, target, selector);
        return immediate ? 0n : delay === 0n ? undefined : delay;
      };
      for (const account of [deployer, stranger]) expect(await can(account), name).to.equal(undefined);
      const power = Object.entries(POWERS).find(([, { calls }]) => calls.includes(name));
      for (const [role, holder] of Object.entries(holders))
        expect(await can(holder), `${role} ${name}`).to.equal(power?.[0] === role ? power[1].delay : undefined);
      expect(await can(admin), name).to.equal(power === undefined ? 7n * DAY : undefined);
    }
  });

  it("let the administrator name others only after its delay", async () => {
    const { manager, admin, deployer, stranger, holders, market } = await load();
    expect((await manager.hasRole(ROLE.administrator, admin)).isMember).to.equal(true);
    expect((await manager.hasRole(ROLE.administrator, deployer)).isMember).to.equal(false);
    await expect(manager.connect(admin).grantRole(ROLE.pauser, stranger, 0)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    const grant = manager.interface.encodeFunctionData("grantRole", [ROLE.pauser, stranger.address, 0]);
    await manager.connect(admin).schedule(manager, grant, 0);
    await networkHelpers.time.increase(7n * DAY);
    await manager.connect(admin).grantRole(ROLE.pauser, stranger, 0);
    await market.connect(stranger).setPaused(true);
    await market.connect(holders.pauser).setPaused(false);
  });

  it("let everyone see a new fee a week ahead", async () => {
    const { manager, holders, market, stranger } = await load();
    const { feeSetter } = holders;
    const change = market.interface.encodeFunctionData("setProtocolFee", [500, stranger.address]);
    await expect(market.connect(feeSetter).setProtocolFee(500, stranger)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotScheduled",
    );
    await manager.connect(feeSetter).schedule(market, change, 0);
    await networkHelpers.time.increase(7n * DAY - 100n);
    await expect(market.connect(feeSetter).setProtocolFee(500, stranger)).to.be.revertedWithCustomError(
      manager,
      "AccessManagerNotReady",
    );
    await networkHelpers.time.increase(100n);
    await market.connect(feeSetter).setProtocolFee(500, stranger);
    expect(await market.protocolFeeBasisPoints()).to.equal(500n);
  });
});
