import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { enclaveOf } from "../../../workers/cli/enclave.ts";
import { readWorkerFile, WorkerFileError } from "../../../workers/cli/worker-file.ts";

const SECRET = `0x${"5e".repeat(32)}`;
const BASE = {
  rpc: "http://127.0.0.1:8545",
  deployment: "deployment.json",
  directory: "worker",
  serve: [{ versionId: `0x${"01".repeat(32)}`, levels: ["Tee"] }],
};

describe("the enclave in a worker's configuration", () => {
  let path: string;
  before(() => (path = join(mkdtempSync(join(tmpdir(), "assay-worker-file-")), "worker.json")));
  after(() => rmSync(join(path, ".."), { recursive: true }));

  const readWith = (enclave: unknown) => {
    writeFileSync(path, JSON.stringify({ ...BASE, enclave }));
    return readWorkerFile(path);
  };
  const problemsWith = async (enclave: unknown): Promise<string> => {
    try {
      await readWith(enclave);
    } catch (error) {
      if (error instanceof WorkerFileError && error.code === "CONFIG_INVALID") return error.message;
      throw error;
    }
    throw new Error("the configuration is valid");
  };

  const providers: Record<string, readonly [enclave: object, kind: string, simulated: boolean]> = {
    simulated: [{ rootSecret: SECRET, image: "an image" }, "dcap", true],
    "configfs-tsm": [{}, "dcap", false],
    dstack: [{ socket: "/run/agent.sock" }, "dcap", false],
    nitro: [{ socket: "/run/bridge.sock" }, "nitro", false],
  };
  for (const [provider, [options, kind, simulated]] of Object.entries(providers))
    it(`may have quotes made by ${provider}`, async () => {
      const { enclave } = await readWith({ provider, ...options });
      if (enclave === undefined) throw new Error("no enclave");
      const { quoteProvider, renewBefore, verifierId } = enclaveOf(enclave);
      expect(quoteProvider).to.include({ name: provider, kind, simulated });
      expect([renewBefore, verifierId]).to.deep.equal([3600, undefined]);
    });

  it("may say when to renew, and name a quote verifier", async () => {
    const { enclave } = await readWith({ provider: "dstack", renewBefore: 60, verifier: 2 });
    if (enclave === undefined) throw new Error("no enclave");
    expect(enclaveOf(enclave)).to.include({ renewBefore: 60, verifierId: 2n });
  });

  it("may be left out", async () => {
    expect((await readWith(undefined)).enclave).to.equal(undefined);
  });

  it("is refused with what is wrong: CONFIG_INVALID", async () => {
    expect(await problemsWith({ provider: "sgx" })).to.match(/enclave\.provider/);
    expect(await problemsWith({ provider: "simulated", image: "x" })).to.match(/enclave\.rootSecret/);
    expect(await problemsWith({ provider: "simulated", rootSecret: "0x01", image: "x" })).to.match(/64 hexadecimal/);
    expect(await problemsWith({ provider: "simulated", rootSecret: SECRET, image: "" })).to.match(/enclave\.image/);
    expect(await problemsWith({ provider: "dstack", path: "/x" })).to.match(/"path"/);
    expect(await problemsWith({ provider: "nitro", renewBefore: 0 })).to.match(/enclave\.renewBefore/);
  });
});

describe("the stores in a worker's configuration", () => {
  let path: string;
  before(() => (path = join(mkdtempSync(join(tmpdir(), "assay-worker-stores-")), "worker.json")));
  after(() => rmSync(join(path, ".."), { recursive: true }));

  const cid = "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4";
  const readWith = (stores: object) => {
    writeFileSync(path, JSON.stringify({ ...BASE, ...stores }));
    return readWorkerFile(path);
  };

  it("are addresses of every kind, and grants of what was sealed to the worker", async () => {
    const file = await readWith({
      stores: ["https://gateway.example/ipfs/", "kubo+http://127.0.0.1:5001", "s3://models/a", "ipfs:cache", "files"],
      ownerStores: [".assay/owner"],
      sealed: { key: "artifact.key", grants: [cid, `ipfs://${cid}/${cid}`, `https://example.org/files/${cid}`] },
    });
    expect([file.stores.length, file.sealed?.grants.length]).to.deep.equal([5, 3]);
  });

  it("are refused with every problem at once", async () => {
    const problems = await readWith({
      stores: ["ftp://example.org", "https://me:hunter2@example.org"],
      sealed: { key: "artifact.key", grants: ["nothing", `/etc/${cid}`] },
    }).then(
      () => "none",
      (error: unknown) => (error instanceof WorkerFileError ? error.message : "another error"),
    );
    expect(problems).to.match(/stores\.0: .*of no kind that is known/);
    expect(problems)
      .to.match(/stores\.1: .*holds credentials/)
      .and.not.contain("hunter2");
    expect(problems).to.match(/sealed\.grants\.0: .*does not end in the grant's content id/);
    expect(problems).to.match(/sealed\.grants\.1: .*neither https/);
  });
});
