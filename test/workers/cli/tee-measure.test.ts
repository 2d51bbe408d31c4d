import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { tdxMeasurement } from "../../../workers/tee/measure/tdx-measurement.ts";
import { measurementOf, parseQuote } from "../../../workers/tee/index.ts";
import { COMMAND_LINE, KERNEL, RAMDISK, sampleImage, section } from "../tee/sample-image.ts";
import { failureCodes, runCli, succeed } from "./run-cli.ts";

const IMAGE = [section(KERNEL, "kernel"), section(COMMAND_LINE, "panic=30"), section(RAMDISK, "worker")];

describe("assay tee measure", () => {
  let home: string;
  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(home, name);
    await writeFile(path, content);
    return path;
  };

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-measure-"));
  });

  after(() => rm(home, { recursive: true, force: true }));

  it("says the same of an image as of the registers that nitro-cli prints of it", async () => {
    const image = await file("worker.eif", sampleImage(IMAGE));
    const { kind, measurement, registers } = await succeed(["tee", "measure", "--eif", image]);
    const printed = await file("pcrs.json", JSON.stringify({ Measurements: registers }));
    expect(await succeed(["tee", "measure", "--pcrs", printed])).to.include({ kind, measurement });
  });

  it("prints the measurement of registers of TDX first", async () => {
    const registers = {
      tdAttributes: new Uint8Array(8).fill(1),
      xfam: new Uint8Array(8).fill(2),
      mrtd: new Uint8Array(48).fill(3),
      rtmr0: new Uint8Array(48).fill(4),
      rtmr1: new Uint8Array(48).fill(5),
      rtmr2: new Uint8Array(48).fill(6),
      rtmr3: new Uint8Array(48).fill(7),
    };
    const flags = ["td-attributes", "xfam", "mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"];
    const values = Object.values(registers).map((value) => Buffer.from(value).toString("hex"));
    const args = flags.flatMap((flag, index) => [`--${flag}`, values[index] ?? ""]);
    const { stdout } = await runCli(["tee", "measure", ...args]);
    expect(stdout.split("\n").slice(0, 2)).to.deep.equal([tdxMeasurement(registers), "  of tdx"]);
  });

  it("says of a quote what the chain sees in it", async () => {
    const quote = fileURLToPath(new URL("../../fixtures/dcap/quotev4.hex", import.meta.url));
    const { body } = parseQuote(Buffer.from((await readFile(quote, "utf8")).trim(), "hex"));
    expect(await succeed(["tee", "measure", "--quote", quote])).to.include({
      kind: "tdx",
      measurement: measurementOf(body),
    });
  });

  it("refuses what it cannot measure", async () => {
    const broken = await file("broken.eif", ".eif");
    expect(await failureCodes(["tee", "measure", "--eif", broken])).to.deep.equal(["EIF_TRUNCATED"]);
  });
});
