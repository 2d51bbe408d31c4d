import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";

import { account, ACCOUNTS } from "../../../scripts/demo/accounts.ts";
import { type LocalChain, startLocalChain } from "../../../scripts/demo/chain.ts";
import { deployAssay } from "../../../scripts/demo/deploy.ts";
import { makeRootSecret } from "../../../scripts/demo/development-root.ts";
import { openProvider } from "../../../workers/sdk/index.ts";
import { buildMlp } from "../../circuits/compiler/build-onnx.ts";
import { failureCodes, succeed } from "./run-cli.ts";

const CLI = fileURLToPath(new URL("../../../workers/cli/main.ts", import.meta.url));
const PRIVATE = ["--private-input", "--private-output", "--weights", "owner-held"];

describe("the commands with private inputs, outputs and weights", function () {
  this.timeout(240_000);
  let home: string;
  let model: string;
  let input: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-private-"));
    await mkdir(join(home, "model"));
    model = join(home, "model", "model.onnx");
    input = join(home, "input.json");
    await writeFile(model, buildMlp([5, 4, 3], 7));
    const config = {
      name: "private",
      inputs: [{ kind: "int", bits: 8 }],
      weightBits: 6,
      activationBits: 8,
      agreement: 0.5,
    };
    await writeFile(join(home, "model", "assay.json"), JSON.stringify(config));
    await writeFile(input, "[3, -1, 4, -1, 5]");
  });
  after(() => rm(home, { recursive: true, force: true }));

  it("compile, prove and verify with commitments", async () => {
    const build = join(home, "build");
    await succeed(["compile", model, "--out", build, ...PRIVATE]);
    const proof = join(home, "proof.json");
    const proven = await succeed(["prove", build, "--input", input, "--salt", "77", "--out", proof]);
    expect(proven).to.include({ salt: "77" });
    expect(proven.publicSignals).to.have.lengthOf(3);
    const { outputs } = await succeed(["verify", build, proof]);
    expect(outputs).to.have.nested.property("[0]").with.lengthOf(31);
  });

  it("compile a retrained model into the circuit of another, whose key does not accept it", async () => {
    const [first, second] = [join(home, "first"), join(home, "second")];
    await succeed(["compile", model, "--out", first, "--weights", "committed"]);
    await writeFile(join(home, "model", "retrained.onnx"), buildMlp([5, 4, 3], 8));
    await succeed(["compile", join(home, "model", "retrained.onnx"), "--retrain-of", first, "--out", second]);
    const proof = join(home, "weights.json");
    await succeed(["prove", first, "--input", input, "--out", proof]);
    await succeed(["prove", second, "--input", input, "--out", join(home, "other.json")]);
    await succeed(["verify", first, proof]);
    expect(await failureCodes(["verify", second, proof])).to.deep.equal(["PROOF_INVALID"]);
  });

  describe("in the market", () => {
    let chain: LocalChain;
    let provider: JsonRpcProvider;
    const children: ChildProcess[] = [];
    const environment = (index: number) => ({
      ASSAY_PRIVATE_KEY: account(index, provider).privateKey,
      ASSAY_RPC: chain.url,
      ASSAY_DEPLOYMENT: join(home, "deployment.json"),
    });
    async function start(args: readonly string[], index: number): Promise<Record<string, unknown>> {
      const child = spawn(process.execPath, [CLI, ...args, "--json"], {
        env: { PATH: process.env.PATH, ...environment(index) },
        stdio: ["ignore", "pipe", "ignore"],
      });
      children.push(child);
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      return JSON.parse(line.toString()) as Record<string, unknown>;
    }

    before(async () => {
      chain = await startLocalChain(0);
      const deployment = await deployAssay(chain.url, makeRootSecret(), {
        priorityWindow: 8,
        minChallengeWindow: 3,
      });
      provider = openProvider(chain.url, deployment);
      await writeFile(join(home, "deployment.json"), JSON.stringify(deployment));
    });
    after(async () => {
      for (const child of children) {
        child.kill("SIGTERM");
        if (child.exitCode === null) await once(child, "exit");
      }
      provider.destroy();
      await chain.close();
    });

    it("publish without the weights, serve, and ask in private", async () => {
      const [store, ownerStore] = [join(home, "artifacts"), join(home, "owner")];
      const stores = ["--store", store, "--owner-store", ownerStore, "--port", "0", "--levels", "vanilla,zkml"];
      const { versionId } = await start(["publish", model, ...PRIVATE, ...stores], ACCOUNTS.publisher);
      // Manifest and verification key; model, graph and proving key.
      expect(await readdir(store)).to.have.lengthOf(2);
      expect(await readdir(ownerStore)).to.have.lengthOf(3);

      const file = {
        rpc: chain.url,
        deployment: join(home, "deployment.json"),
        directory: join(home, "worker"),
        lockDirectory: home,
        ownerStores: [ownerStore],
        inputs: { port: 0 },
        serve: [{ versionId, levels: ["Vanilla", "Zkml"] }],
        pollInterval: 200,
        logLevel: "error",
      };
      await writeFile(join(home, "worker.json"), JSON.stringify(file));
      const worker = await start(["worker", join(home, "worker.json")], ACCOUNTS.workers[0]);
      const { inputs: url } = worker;

      const ask = ["request", String(versionId), "--input", input, "--level", "zkml", "--final"];
      const env = environment(ACCOUNTS.customers.Zkml);
      expect(await failureCodes(ask, env)).to.deep.equal(["PRIVATE_INPUT"]);
      expect(await failureCodes([...ask, "--private"], env)).to.deep.equal(["PRIVATE_INPUT"]);
      const away = [...ask, "--private", "--to", "http://127.0.0.1:1"];
      expect(await failureCodes(away, env)).to.deep.equal(["WORKER_UNREACHABLE"]);

      const answer = await succeed([...ask, "--private", "--to", String(url)], env);
      const { outputs } = await succeed(["run", model, "--input", input]);
      const expected = (outputs as readonly { readonly integer: readonly string[] }[]).map(({ integer }) => integer);
      expect(answer.outputs).to.deep.equal(expected);
      expect(answer).to.include({ isFinal: true });
      const { check } = await succeed(["job", String(answer.jobId)], env);
      expect(check).to.have.property("verified", true);
    });

    it("publish to IPFS with the weights sealed to a worker, which serves them from there", async () => {
      const key = join(home, "artifact.key");
      const { publicKey } = await succeed(["store", "key", key, "--new"]);
      const stores = ["--store", `ipfs:${join(home, "ipfs")}`, "--owner-store", join(home, "owner"), "--port", "0"];
      const sealed = ["--weights", "owner-held", "--recipient", String(publicKey), "--levels", "vanilla,zkml"];
      const published = await start(["publish", model, ...sealed, ...stores], ACCOUNTS.publisher);
      expect(published.uri).to.match(/^ipfs:\/\/bafybei/);
      const gateway = String(published.gateway);

      const file = {
        rpc: chain.url,
        deployment: join(home, "deployment.json"),
        directory: join(home, "sealed-worker"),
        lockDirectory: home,
        stores: [gateway],
        sealed: { key, grants: [published.grant] },
        serve: [{ versionId: published.versionId, levels: ["Vanilla", "Zkml"] }],
        pollInterval: 200,
        logLevel: "error",
      };
      await writeFile(join(home, "sealed-worker.json"), JSON.stringify(file));
      await start(["worker", join(home, "sealed-worker.json")], ACCOUNTS.workers[1]);

      const env = { ...environment(ACCOUNTS.customers.Zkml), ASSAY_IPFS_GATEWAY: gateway };
      const ask = ["request", String(published.versionId), "--input", input, "--level", "zkml", "--final"];
      const answer = await succeed(ask, env);
      const { outputs } = await succeed(["run", model, "--input", input]);
      const expected = (outputs as readonly { readonly integer: readonly string[] }[]).map(({ integer }) => integer);
      expect(answer).to.deep.include({ outputs: expected, isFinal: true });
    });
  });
});
