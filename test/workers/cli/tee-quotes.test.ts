import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { id } from "ethers";

import { developmentPlatform } from "../../../workers/tee/development/development-platform.ts";
import { failureCodes, runCli, succeed } from "./run-cli.ts";

const START = Date.UTC(2026, 0, 15) / 1000;
const DAY = 86_400;
const platform = developmentPlatform(`0x${id("a platform of the command line's tests").slice(2)}`);
const reportData = new Uint8Array(64).fill(0xab);
const quote = platform.quote({ reportData, image: "worker" });
const root = platform.root.x + platform.root.y.slice(2);

describe("assay tee quote and verify", () => {
  let home: string;
  let collateral: string;
  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(home, name);
    await writeFile(path, content);
    return path;
  };
  const verify = (path: string, ...more: string[]) => [
    ...["tee", "verify", path, "--collateral", collateral, "--root", root, "--at", String(START)],
    ...more,
  ];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-quotes-"));
    collateral = join(home, "collateral");
    await mkdir(collateral);
    const { tcbInfos, identities, lists } = platform.collateral({ issuedAt: START - DAY, nextUpdate: START + DAY });
    const put = (name: string, content: string | Uint8Array) => writeFile(join(collateral, name), content);
    const served = (name: string, [text, r, s]: (typeof tcbInfos)[number]) =>
      `{"${name}":${Buffer.from(text).toString()},"signature":"${Buffer.concat([r, s]).toString("hex")}"}`;
    for (const [i, info] of tcbInfos.entries()) await put(`tcb-${i}.json`, served("tcbInfo", info));
    for (const [i, identity] of identities.entries()) await put(`qe-${i}.json`, served("enclaveIdentity", identity));
    for (const [i, { list }] of lists.entries()) await put(`list-${i}.crl`, list);
    const chain = encodeURIComponent(Buffer.from(platform.chains.collateralSigner).toString());
    await put("tcb.head", `HTTP/1.1 200 OK\r\n${"X-Other: header\r\n".repeat(20)}TCB-Info-Issuer-Chain: ${chain}\r\n`);
  });

  after(() => rm(home, { recursive: true, force: true }));

  it("shows a quote as a tree with every field named, and warns of a root that is not Intel's", async () => {
    const { stdout } = await runCli(["tee", "quote", await file("quote.bin", quote)]);
    expect(stdout).to.match(/^dcap of \d+ bytes\n {2}header\n {4}version 4\n/);
    expect(stdout).to.include(`    reportData (64) 0x${"ab".repeat(64)}\n`);
    expect(stdout).to.match(/ {6}subject CN=SIMULATED.*PCK Certificate\n/);
    expect(stdout).to.include("        fmspc (6) 0x00806f050000\n");
    expect(stdout).to.match(/\nwarning: SIMULATED .*\n$/);
  });

  it("reads quotes in hexadecimal and base64, too", async () => {
    const hex = await file("quote.hex", `0x${Buffer.from(quote).toString("hex")}\n`);
    const base64 = await file("quote.txt", Buffer.from(quote).toString("base64").replace(/.{64}/g, "$&\n"));
    const shown = await succeed(["tee", "quote", hex]);
    expect(shown).to.include({ kind: "dcap", length: quote.length });
    expect(shown.body).to.include({ kind: "td10", reportData: `0x${"ab".repeat(64)}` });
    expect(await succeed(["tee", "quote", base64])).to.deep.equal(shown);
  });

  it("verifies a quote against files as Intel's service serves them, and tells every rule", async () => {
    const { exitCode, stdout, stderr } = await runCli(verify(await file("quote.bin", quote)));
    expect(exitCode, stderr).to.equal(0);
    expect(stdout.match(/^ok {4}/gm)).to.have.length(16);
    expect(stdout).to.include(`\nreport data 0x${"ab".repeat(64)}\n`);
    expect(stdout).to.match(/\nSIMULATED: .*\n$/);
  });

  it("tells the rule that fails, and fails with the contract's error", async () => {
    const wrong = Uint8Array.from(quote).with(48 + 130, 0xff);
    const path = await file("wrong.bin", wrong);
    const { exitCode, stdout, stderr } = await runCli(verify(path));
    expect(exitCode).to.equal(1);
    expect(stdout).to.match(/^FAIL {2}the attestation key signed the quote: QuoteSignature: /m);
    expect(stdout.match(/^- {5}/gm)).to.have.length(6);
    expect(stderr).to.match(/^QuoteSignature: /);
    expect(await failureCodes(verify(path))).to.deep.equal(["QuoteSignature"]);
  });

  it("takes Intel's root where no other is named", async () => {
    const path = await file("quote.bin", quote);
    const without = ["tee", "verify", path, "--collateral", join(home, "none")];
    await mkdir(join(home, "none"), { recursive: true });
    expect(await failureCodes(without)).to.deep.equal(["RootUnknown"]);
  });

  it("holds a real quote to its certificates and signatures alone, and leaves open what Intel says", async () => {
    const real = fileURLToPath(new URL("../../fixtures/dcap/quotev4.hex", import.meta.url));
    const alone = ["tee", "verify", real, "--no-collateral", "--at", "2026-01-15"];
    const { stdout } = await runCli(alone);
    expect(stdout.match(/^ok {4}/gm)).to.have.length(11);
    expect(stdout).to.match(/^ok {4}the last certificate is the pinned root: Intel SGX Root CA$/m);
    expect(await failureCodes(alone)).to.deep.equal(["TcbInfoMissing"]);
  });

  it("compares report data and measurement where they are given", async () => {
    const path = await file("quote.bin", quote);
    const { findings } = await succeed(verify(path, "--report-data", "ab".repeat(64)));
    expect(findings).to.include({ status: "UpToDate", simulated: true, validUntil: START + DAY });
    const others = verify(path, "--report-data", "cd".repeat(64), "--measurement", `0x${"ef".repeat(32)}`);
    expect(await failureCodes(others)).to.deep.equal(["ReportDataMismatch", "MEASUREMENT_MISMATCH"]);
  });

  it("holds a quote to the time that is asked for", async () => {
    const path = await file("quote.bin", quote);
    const late = verify(path, "--at", new Date((START + 2 * DAY) * 1000).toISOString());
    expect(await failureCodes(late)).to.deep.equal(["ListNotCurrent"]);
  });

  it("shows and verifies attestation documents of AWS Nitro by their own rules", async () => {
    const document = fileURLToPath(new URL("../../fixtures/nitro/us-east-1-2026.bin", import.meta.url));
    const { kind, moduleId, certificates } = await succeed(["tee", "quote", document]);
    expect({ kind, moduleId }).to.deep.equal({ kind: "nitro", moduleId: "i-0368fa67e156d6d23-enc019b8596b1a9dad6" });
    expect(certificates).to.have.length(5);
    const { stdout } = await runCli(["tee", "verify", document, "--at", "2026-01-03T20:41:00Z"]);
    expect(stdout.match(/^ok {4}/gm)).to.have.length(8);
    expect(stdout).to.match(/^FAIL {2}the user data is 64 bytes of report data: UserDataLength: /m);
  });
});
