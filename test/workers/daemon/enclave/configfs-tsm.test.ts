import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { configfsTsm } from "../../../../workers/daemon/enclave/configfs-tsm.ts";
import { machineTsmFiles } from "../../../../workers/daemon/enclave/tsm-files.ts";
import { errorOf } from "./error-of.ts";
import { simulatedTsm, type SimulatedTsmOptions, SystemError } from "./simulated-tsm.ts";

const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, i) => i + 1);

/** A provider over simulated files; nothing here needs a kernel with the interface. */
function over(options: SimulatedTsmOptions = {}) {
  const tsm = simulatedTsm(options);
  return { tsm, provider: configfsTsm({ path: "/tsm", files: tsm.files }) };
}

/** Throws that code at a call, the first so many times. */
function failing(call: string, code: string, times = Number.POSITIVE_INFINITY): SimulatedTsmOptions {
  let left = times;
  return {
    before(name, path) {
      if (name === call && left-- > 0) throw new SystemError(code, path);
    },
  };
}

describe("quotes by configfs-tsm", () => {
  it("are what the kernel reports of the report data, and leave no entry behind", async () => {
    const { tsm, provider } = over();
    expect(provider).to.include({ name: "configfs-tsm", kind: "dcap", simulated: false });
    expect(Buffer.from(await provider.quote(REPORT_DATA))).to.deep.equal(
      Buffer.concat([Buffer.from("report of "), REPORT_DATA]),
    );
    expect(tsm.entries.size).to.equal(0);
  });

  it("have an entry each, so that they may be made at the same time", async () => {
    const seen = new Set<string>();
    const { provider } = over({
      before(call, path) {
        if (call === "mkdir") seen.add(path);
      },
    });
    const datas = [1, 2, 3].map((value) => new Uint8Array(64).fill(value));
    const quotes = await Promise.all(datas.map((data) => provider.quote(data)));
    expect(quotes.map((quote) => quote.at(-1))).to.deep.equal([1, 2, 3]);
    expect(seen.size).to.equal(3);
  });

  it("are made again when somebody else wrote into the entry, or the kernel did not take the bytes", async () => {
    let times = 1;
    const { tsm, provider } = over({
      before(call, path) {
        if (call === "read outblob" && times-- > 0) tsm.interfere(path);
      },
    });
    expect(await provider.quote(REPORT_DATA)).to.have.length(74);
    expect(tsm.entries.size).to.equal(0);
  });

  it("are made again when a call was interrupted", async () => {
    const { provider } = over(failing("read outblob", "EINTR", 2));
    expect(await provider.quote(REPORT_DATA)).to.have.length(74);
  });

  describe("fail by a typed error, and leave no entry behind, when", () => {
    const longest = 16_384;
    const failures: Record<string, readonly [SimulatedTsmOptions, code: string, retryable: boolean]> = {
      "the kernel has no such interface": [failing("mkdir", "ENOENT"), "QUOTE_UNAVAILABLE", false],
      "nothing is behind the interface": [failing("mkdir", "ENXIO"), "QUOTE_UNAVAILABLE", false],
      "the worker may not use it": [failing("mkdir", "EACCES"), "QUOTE_UNAVAILABLE", false],
      "an entry of every name exists": [failing("mkdir", "EEXIST"), "QUOTE_BUSY", true],
      "the host still works on another quote": [failing("read outblob", "EBUSY"), "QUOTE_BUSY", true],
      "each attempt is interrupted": [failing("read outblob", "EINTR"), "QUOTE_BUSY", true],
      "the host does not answer the kernel": [failing("read outblob", "ETIMEDOUT"), "QUOTE_TIMEOUT", true],
      "the hardware refuses": [failing("read outblob", "EIO"), "QUOTE_REFUSED", true],
      "the kernel does not count": [failing("read generation", "ENOENT"), "QUOTE_UNAVAILABLE", false],
      "the report is empty": [{ report: () => new Uint8Array() }, "QUOTE_INVALID", false],
      "the report is too long": [{ report: () => new Uint8Array(longest + 1) }, "QUOTE_INVALID", false],
      "it is a guest of SEV-SNP": [{ provider: "sev_guest" }, "QUOTE_UNSUPPORTED", false],
      "it is a guest of something unknown": [{ provider: "arm_cca_guest" }, "QUOTE_UNSUPPORTED", false],
    };
    for (const [name, [options, code, retryable]] of Object.entries(failures))
      it(`${name}: ${code}`, async () => {
        const { tsm, provider } = over(options);
        expect(await errorOf(provider.quote(REPORT_DATA))).to.include({ code, retryable });
        expect(tsm.entries.size).to.equal(0);
      });

    it("others write into each entry: QUOTE_BUSY", async () => {
      const { tsm, provider } = over({
        before(call, path) {
          if (call === "read outblob") tsm.interfere(path);
        },
      });
      expect(await errorOf(provider.quote(REPORT_DATA))).to.include({ code: "QUOTE_BUSY" });
      expect(tsm.entries.size).to.equal(0);
    });
  });

  it("may be as long as the chain takes", async () => {
    const { provider } = over({ report: () => new Uint8Array(16_384).fill(1) });
    expect(await provider.quote(REPORT_DATA)).to.have.length(16_384);
  });

  it("say why AMD's reports do not do", async () => {
    const error = await errorOf(over({ provider: "sev_guest" }).provider.quote(REPORT_DATA));
    expect(error?.message).to.match(/SEV-SNP.*no verifier on chain/);
  });

  it("tell what went wrong, and not that the entry could not be removed after it", async () => {
    const { provider } = over({
      before(call, path) {
        if (call === "read outblob") throw new SystemError("EIO", path);
        if (call === "rmdir") throw new SystemError("EBUSY", path);
      },
    });
    expect(await errorOf(provider.quote(REPORT_DATA))).to.include({ code: "QUOTE_REFUSED" });
  });

  it("are given up when the kernel does not return: QUOTE_TIMEOUT", async () => {
    const stuck = Promise.withResolvers<undefined>();
    const { tsm } = over({ before: (call) => (call === "read outblob" ? stuck.promise : undefined) });
    const provider = configfsTsm({ path: "/tsm", files: tsm.files, timeout: 5 });
    expect(await errorOf(provider.quote(REPORT_DATA))).to.include({ code: "QUOTE_TIMEOUT", retryable: true });
    stuck.resolve(undefined);
  });

  it("are over 64 bytes: REPORT_DATA_LENGTH", async () => {
    for (const length of [0, 63, 65])
      expect(await errorOf(over().provider.quote(new Uint8Array(length)))).to.include({ code: "REPORT_DATA_LENGTH" });
  });
});

describe("the files of this machine", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "assay-tsm-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("are made, written, read up to a limit and removed", async () => {
    const entry = join(directory, "entry");
    await machineTsmFiles.makeEntry(entry);
    await machineTsmFiles.write(join(entry, "inblob"), REPORT_DATA);
    expect(await machineTsmFiles.read(join(entry, "inblob"), 10)).to.deep.equal(REPORT_DATA.slice(0, 10));
    expect(await machineTsmFiles.read(join(entry, "inblob"), 1000)).to.deep.equal(REPORT_DATA);
    rmSync(join(entry, "inblob"));
    await machineTsmFiles.removeEntry(entry);
    expect(existsSync(entry)).to.equal(false);
  });

  it("give no quote where the kernel's interface is not, or is another directory: QUOTE_UNAVAILABLE", async () => {
    for (const path of [join(directory, "report"), directory]) {
      const error = await errorOf(configfsTsm({ path }).quote(REPORT_DATA));
      expect(error).to.include({ code: "QUOTE_UNAVAILABLE" });
      expect(error?.details).to.include({ system: "ENOENT" });
    }
    expect(readdirSync(directory)).to.deep.equal([]);
    writeFileSync(join(directory, "file"), "");
    const error = await errorOf(configfsTsm({ path: join(directory, "file") }).quote(REPORT_DATA));
    expect(error?.details).to.include({ system: "ENOTDIR" });
  });
});
