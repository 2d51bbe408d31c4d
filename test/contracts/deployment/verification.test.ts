import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { expect } from "chai";
import { concat, type Provider, ZeroAddress } from "ethers";
import { network } from "hardhat";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import config from "../../../hardhat.config.ts";

/** One that no plugin takes for a chain on the developer's own machine. */
const CHAIN_ID = 424_242;
const NOBODY = "0x0000000000000000000000000000000000000001";

/** Two that take seconds to compile; each part of the market takes a quarter of a minute. */
const Verified = buildModule("Verified", (m) => ({
  teeVerifier: m.contract("TeeVerifier", [NOBODY, NOBODY]),
  paymentChannels: m.contract("PaymentChannels", [ZeroAddress, 86_400]),
}));

/** What is sent to an explorer. */
interface Submission {
  readonly address: string;
  readonly contract: string;
  readonly compiler: string;
  readonly input: StandardInput;
  readonly constructorArguments: string;
}

interface StandardInput {
  readonly sources: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

interface Code {
  readonly object: string;
  readonly immutableReferences?: Readonly<Record<string, readonly { start: number; length: number }[]>>;
}

interface Solc {
  compile(input: string): string;
  version(): string;
}

const solc = createRequire(import.meta.url)("solc") as Solc;

/** As far as Hardhat asks, an explorer with Blockscout's interface: it takes everything, and notes it. */
class Explorer {
  readonly submissions: Submission[] = [];
  readonly #server: Server = createServer((request, response) => {
    void this.#answer(request).then((result) => response.end(JSON.stringify(result)));
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage) {
    const action = new URL(request.url ?? "", "http://explorer").searchParams.get("action");
    if (action === "getsourcecode") return { status: "0", message: "NOTOK", result: "not verified" };
    if (action === "checkverifystatus") return { status: "1", message: "OK", result: "Pass - Verified" };
    const form = new URLSearchParams(await text(request));
    const field = (name: string) => form.get(name) ?? "";
    this.submissions.push({
      address: field("contractaddress"),
      contract: field("contractname"),
      compiler: field("compilerversion"),
      input: JSON.parse(field("sourceCode")) as StandardInput,
      constructorArguments: `0x${field("constructorArguments")}`,
    });
    return { status: "1", message: "OK", result: "noted" };
  }
}

/** Compiles just what was sent, and nothing that is known otherwise. */
function compiled({ input, contract }: Submission): { readonly creation: Code; readonly runtime: Code } {
  const [file = "", name = ""] = contract.split(":");
  const outputSelection = { [file]: { [name]: ["evm.bytecode.object", "evm.deployedBytecode"] } };
  const settings = { ...input.settings, outputSelection };
  const output = JSON.parse(solc.compile(JSON.stringify({ ...input, settings }))) as {
    contracts: Record<string, Record<string, { evm: { bytecode: Code; deployedBytecode: Code } }>>;
  };
  const evm = output.contracts[file]?.[name]?.evm;
  if (evm === undefined) throw new Error(`${contract} is not in what was sent`);
  return { creation: evm.bytecode, runtime: evm.deployedBytecode };
}

/** The code without what the constructor wrote into it. */
function withoutImmutables(code: string, { immutableReferences = {} }: Code): string {
  const bytes = Buffer.from(code.replace("0x", ""), "hex");
  for (const { start, length } of Object.values(immutableReferences).flat()) bytes.fill(0, start, start + length);
  return bytes.toString("hex");
}

/** What the transaction carried that made the contract. */
async function creationOf(provider: Provider, address: string): Promise<string> {
  for (let height = await provider.getBlockNumber(); height > 0; height--) {
    const block = await provider.getBlock(height, true);
    for (const { hash, data } of block?.prefetchedTransactions ?? [])
      if ((await provider.getTransactionReceipt(hash))?.contractAddress === address) return data;
  }
  throw new Error(`nothing made ${address}`);
}

/** Without what the task tells its user. */
async function quietly(run: () => Promise<unknown>): Promise<void> {
  const { log } = console;
  console.log = () => undefined;
  try {
    await run();
  } finally {
    console.log = log;
  }
}

describe("the sources of a deployment", function () {
  this.timeout(120_000);

  it("compile to the very code that is on the chain, metadata included, from what explorers are sent", async () => {
    const explorer = new Explorer();
    const directory = await mkdtemp(join(tmpdir(), "assay-ignition-"));
    const chain = await network.createServer({ network: "default", override: { chainId: CHAIN_ID } }, "127.0.0.1", 0);
    try {
      const apiUrl = await explorer.open();
      const { port } = await chain.listen();
      const hre = await createHardhatRuntimeEnvironment(
        {
          ...config,
          networks: { verified: { type: "http", chainType: "l1", url: `http://127.0.0.1:${port}` } },
          chainDescriptors: {
            [CHAIN_ID]: { name: "verified", blockExplorers: { blockscout: { url: apiUrl, apiUrl } } },
          },
          verify: { etherscan: { enabled: false }, sourcify: { enabled: false } },
          ignition: { ...config.ignition, requiredConfirmations: 1 },
          paths: { ...config.paths, ignition: directory },
        },
        { network: "verified", buildProfile: "default" },
      );
      const { ignition, ethers } = await hre.network.create();
      const contracts = await ignition.deploy(Verified, { deploymentId: "verified" });
      const verify = hre.tasks.getTask(["ignition", "verify"]);
      await quietly(() => verify.run({ deploymentId: "verified", force: false }));

      const { submissions } = explorer;
      const addresses = await Promise.all(Object.values(contracts).map((contract) => contract.getAddress()));
      expect(submissions.map(({ address }) => address)).to.have.members(addresses);
      // All of the chain before any compiling, which holds this process for longer than its server keeps connections.
      const found = await Promise.all(
        submissions.map(async (submission) => ({
          ...submission,
          code: await ethers.provider.getCode(submission.address),
          sent: await creationOf(ethers.provider, submission.address),
        })),
      );
      for (const { code, sent, ...submission } of found) {
        const { contract, compiler, constructorArguments } = submission;
        expect(solc.version(), contract).to.contain(compiler.replace("v", ""));
        const { creation, runtime } = compiled(submission);
        expect(withoutImmutables(code, runtime), contract).to.equal(withoutImmutables(runtime.object, runtime));
        expect(sent, contract).to.equal(concat([`0x${creation.object}`, constructorArguments]));
        expect(Object.keys(submission.input.sources).some((source) => source.includes("/test/"))).to.equal(false);
      }
    } finally {
      await chain.close();
      explorer.close();
      await rm(directory, { recursive: true });
    }
  });
});
