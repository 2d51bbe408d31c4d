import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

import { expect } from "chai";
import { artifacts } from "hardhat";

import { ETHER, ethers, heldBy, networkHelpers, PARAMETERS, requestJob, requestOf, served } from "../fixture.ts";

const NAMES = ["InferenceMarket", "MarketAccounts", "MarketDisputes", "MarketRounds"] as const;
type Name = (typeof NAMES)[number];

interface Solc {
  compile(input: string): string;
}

interface BuildInfo {
  readonly input: { readonly sources: Record<string, unknown>; readonly settings: Record<string, unknown> };
}

interface Layout {
  readonly storage: readonly { label: string; slot: string; offset: number; type: string }[];
  readonly types: Readonly<Record<string, { members?: Layout["storage"] }>>;
}

const fileOf = (name: Name) => `project/contracts/${name}.sol`;

/** The compiler's own account of where the four contracts keep what. Without code to generate it takes seconds. */
async function storageLayouts(): Promise<Layout[]> {
  let sources: Record<string, unknown> = {};
  let settings: Record<string, unknown> = {};
  for (const name of NAMES) {
    const id = await artifacts.getBuildInfoId(`contracts/${name}.sol:${name}`);
    const path = id === undefined ? undefined : await artifacts.getBuildInfoPath(id);
    if (path === undefined) throw new Error(`${name} is not compiled`);
    const { input } = JSON.parse(readFileSync(path, "utf8")) as BuildInfo;
    sources = { ...sources, ...input.sources };
    settings = input.settings;
  }
  const outputSelection = Object.fromEntries(NAMES.map((name) => [fileOf(name), { [name]: ["storageLayout"] }]));
  const solc = createRequire(import.meta.url)("solc") as Solc;
  const input = { language: "Solidity", sources, settings: { ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    contracts: Record<string, Record<string, { storageLayout: Layout }>>;
  };
  return NAMES.map((name) => {
    const layout = output.contracts[fileOf(name)]?.[name]?.storageLayout;
    if (layout === undefined) throw new Error(`no layout of ${name}`);
    return layout;
  });
}

/** Slot, place and type of every variable and of every member of its structs; numbers of AST nodes differ by run. */
function placesIn({ storage, types }: Layout): string[] {
  const place = ({ label, slot, offset, type }: Layout["storage"][number]): string =>
    `${slot}.${offset} ${label}: ${type.replaceAll(/\)\d+_/gu, ")_")}`;
  const members = Object.entries(types).flatMap(([type, { members: inside = [] }]) =>
    inside.map((member) => `${type.replaceAll(/\)\d+_/gu, ")_")} ${place(member)}`),
  );
  return [...storage.map(place), ...members.sort()];
}

/** The market's parts by their own addresses. */
async function withParts() {
  const base = await served();
  const { models, workers, tee, groth16, manager } = base;
  const parts = {
    models: await models.getAddress(),
    workers: await workers.getAddress(),
    teeVerifier: await tee.getAddress(),
    zkmlVerifier: await groth16.getAddress(),
    currency: ethers.ZeroAddress,
    authority: await manager.getAddress(),
  };
  const rounds = await ethers.deployContract("MarketRounds", [PARAMETERS, parts]);
  const disputes = await ethers.deployContract("MarketDisputes", [PARAMETERS, parts, rounds]);
  const accounts = await ethers.deployContract("MarketAccounts", [PARAMETERS, parts, disputes]);
  const whole = async (part: { getAddress(): Promise<string> }) =>
    ethers.getContractAt("IInferenceMarket", await part.getAddress());
  return { ...base, parts, accounts, disputes, rounds, whole };
}

const load = () => networkHelpers.loadFixture(withParts);

describe("the contracts that make a market", function () {
  this.timeout(120_000);

  it("keep everything in the same place", async () => {
    const layouts = (await storageLayouts()).map(placesIn);
    const [market = [], ...others] = layouts;
    expect(market.length).to.be.greaterThan(10);
    expect(market.some((place) => place.includes("_statuses"))).to.equal(true);
    for (const layout of others) expect(layout).to.deep.equal(market);
  });

  it("take neither money nor requests at their own addresses", async () => {
    const { accounts, rounds, disputes, whole, requester, stranger, versionId } = await load();
    const signed = {
      request: requestOf(versionId),
      inputHash: ethers.keccak256("0x03"),
      requester,
      consumer: stranger,
      nonce: 0n,
      validUntil: 2n ** 40n - 1n,
      relayFee: 0n,
    };
    for (const part of [accounts, disputes, rounds]) {
      const at = (await whole(part)).connect(requester);
      for (const call of [
        () => at.deposit(requester, 1n, { value: 1n }),
        () => at.depositWithPermit(requester, 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash),
        () => at.requestFrom(requester, requestOf(versionId), "0x03"),
        () => at.requestSigned(signed, "0x03", "0x"),
      ])
        // The last part does not know them, and has none to ask.
        if (part === rounds) await expect(call()).to.be.revertedWithoutReason(ethers);
        else await expect(call()).to.be.revertedWithCustomError(accounts, "CalledOutsideMarket");
      await expect(stranger.sendTransaction({ to: part, value: 1n })).to.be.revertedWithoutReason(ethers);
      expect(await ethers.provider.getBalance(part)).to.equal(0n);
    }
    // Neither is passed on to the part that would know it.
    for (const part of [accounts, disputes])
      await expect((await whole(part)).connect(requester).roundOf(ethers.ZeroHash)).to.be.revertedWithCustomError(
        accounts,
        "CalledOutsideMarket",
      );
  });

  it("know no job at their own addresses", async () => {
    const base = await load();
    const { market, rounds, disputes, whole, challenger, worker } = base;
    const { job } = await requestJob(base);
    await market.connect(worker.key).execute(job, "0x06");
    const bond = { value: PARAMETERS.challengeBond };
    const direct = await whole(disputes);
    for (const call of [
      () => direct.connect(challenger).challenge(job, bond),
      () => direct.connect(worker.key).claim(job),
      () => direct.expire(job),
      () => direct.resolve(job),
      async () => (await whole(rounds)).openReveals(job),
    ])
      await expect(call()).to.be.revertedWithCustomError(market, "JobStateMismatch");
    expect(await heldBy(await whole(disputes))).to.equal(0n);
    await market.connect(challenger).challenge(job, bond);
  });

  it("come together only if they have the same parameters and work with the same contracts", async () => {
    const { parts, accounts, rounds, disputes, stranger } = await load();
    const deploy = (name: Name, next: unknown, chosen: object = PARAMETERS, of: object = parts) =>
      ethers.deployContract(name, [chosen, of, next]);
    const refused = async (sending: Promise<unknown>, part: { getAddress(): Promise<string> }) =>
      expect(sending)
        .to.be.revertedWithCustomError(rounds, "PartMismatch")
        .withArgs(
          await part.getAddress(),
          () => true,
          () => true,
        );
    await refused(deploy("MarketDisputes", rounds, { ...PARAMETERS, missLimit: 4n }), rounds);
    await refused(deploy("MarketAccounts", disputes, PARAMETERS, { ...parts, authority: stranger }), disputes);
    await refused(deploy("InferenceMarket", accounts, { ...PARAMETERS, jobStake: ETHER }), accounts);
    // Another part than comes next.
    await refused(deploy("InferenceMarket", disputes), disputes);
    await refused(deploy("MarketAccounts", rounds), rounds);
    await expect(deploy("MarketDisputes", stranger)).to.be.revertedWithoutReason(ethers);
    expect(await deploy("InferenceMarket", accounts)).to.not.equal(undefined);
  });

  it("tell the configuration that is compared", async () => {
    const { parts, accounts } = await load();
    const coder = ethers.AbiCoder.defaultAbiCoder();
    const encoded = coder.encode(
      [
        "string",
        "tuple(uint32,uint32,uint32,uint32,uint32,uint32,uint32,uint80,uint80,uint8)",
        "tuple(address,address,address,address,address,address)",
      ],
      ["MarketAccounts", Object.values(PARAMETERS), Object.values(parts)],
    );
    expect(await accounts.getFunction("configuration")()).to.equal(ethers.keccak256(encoded));
  });
});
