import { createHash } from "node:crypto";

import { expect } from "chai";
import { hexlify } from "ethers";

import { EifError } from "../../../workers/tee/eif/eif-error.ts";
import { measureEif } from "../../../workers/tee/eif/measure-eif.ts";
import {
  COMMAND_LINE,
  KERNEL,
  METADATA,
  RAMDISK,
  sampleImage,
  sealed,
  section,
  type Section,
  SIGNATURE,
} from "./sample-image.ts";

const kernel = section(KERNEL, "a kernel");
const commandLine = section(COMMAND_LINE, "reboot=k panic=30");
const init = section(RAMDISK, "what starts first");
const application = section(RAMDISK, "the worker");
const metadata = section(METADATA, "{}");
const SECTIONS = [kernel, commandLine, metadata, init, application];

/** A register by Node's own hash. */
const register = (...sections: readonly Section[]) => {
  const digest = createHash("sha384")
    .update(Buffer.concat(sections.map(({ content }) => content)))
    .digest();
  return `0x${createHash("sha384").update(Buffer.alloc(48)).update(digest).digest("hex")}`;
};
const measure = async (image: Uint8Array, pieces: Iterable<Uint8Array> = [image]) => {
  const { pcr0, pcr1, pcr2 } = await measureEif(pieces);
  return [pcr0, pcr1, pcr2].map((pcr) => hexlify(pcr));
};
const refusal = async (image: Uint8Array) => {
  try {
    await measureEif([image]);
  } catch (error) {
    if (error instanceof EifError) return error.code;
    throw error;
  }
  return "measured";
};

describe("the measurements of an enclave image", () => {
  it("are of kernel, command line and ramdisks, of what boots, and of the application", async () => {
    expect(await measure(sampleImage(SECTIONS))).to.deep.equal([
      register(kernel, commandLine, init, application),
      register(kernel, commandLine, init),
      register(application),
    ]);
  });

  it("have the PCR2 that images with one ramdisk have everywhere, and one value for all and for what boots", async () => {
    // As published by many projects that put all into one ramdisk, such as tkhq/qos.
    const published =
      "0x21b9efbc184807662e966d34f390821309eeac6802309798826296bf3e8bec7c10edb30948c90ba67310f7b964fc500a";
    const [pcr0, pcr1, pcr2] = await measure(sampleImage([kernel, commandLine, init]));
    expect(pcr2).to.equal(published);
    expect(pcr0).to.equal(pcr1);
  });

  it("do not depend on metadata, signature and the pieces that the file is read in", async () => {
    const plain = sampleImage([kernel, commandLine, init, application], 2);
    const signed = sampleImage([...SECTIONS, section(SIGNATURE, "signed")]);
    const bytes = Array.from(signed, (byte) => Uint8Array.of(byte));
    expect(await measure(signed, [new Uint8Array(), ...bytes])).to.deep.equal(await measure(plain));
  });

  it("change with every byte of what is measured", async () => {
    const known = await measure(sampleImage(SECTIONS));
    for (const changed of [kernel, commandLine, init, application]) {
      const sections = SECTIONS.map((each) => (each === changed ? { ...each, content: each.content.slice(1) } : each));
      expect((await measure(sampleImage(sections)))[0]).not.to.equal(known[0]);
    }
  });

  it("are refused of a file that was damaged anywhere, or cut", async () => {
    const image = sampleImage(SECTIONS);
    for (let position = 0; position < image.length; position++) {
      const damaged = Buffer.from(image);
      damaged.writeUInt8(damaged.readUInt8(position) ^ 1, position);
      expect(await refusal(damaged), String(position)).to.match(/^EIF_/);
    }
    for (const length of [0, 547, 548, 559, image.length - 1])
      expect(await refusal(image.subarray(0, length)), String(length)).to.equal("EIF_TRUNCATED");
  });

  it("are refused of another format and of versions without a checksum or from the future", async () => {
    const image = sampleImage(SECTIONS);
    expect(await refusal(Buffer.concat([Buffer.from("\x7fELF"), image.subarray(4)]))).to.equal("EIF_MAGIC");
    for (const version of [0, 1, 5]) expect(await refusal(sampleImage(SECTIONS, version))).to.equal("EIF_VERSION");
  });

  it("are refused when header and sections disagree, or something follows", async () => {
    const image = sampleImage(SECTIONS);
    const withNumber = (position: number, value: bigint) => {
      const changed = Buffer.from(image);
      changed.writeBigUInt64BE(value, position);
      return sealed(changed);
    };
    expect(await refusal(withNumber(28, 549n))).to.equal("EIF_LAYOUT");
    expect(await refusal(withNumber(284, 9n))).to.equal("EIF_LAYOUT");
    const tooMany = Buffer.from(image);
    tooMany.writeUInt16BE(33, 26);
    expect(await refusal(sealed(tooMany))).to.equal("EIF_LAYOUT");
    const tooFew = Buffer.from(image);
    tooFew.writeUInt16BE(4, 26);
    expect(await refusal(sealed(tooFew))).to.equal("EIF_TRAILING_BYTES");
    expect(await refusal(sealed(Buffer.concat([image, Buffer.alloc(1)])))).to.equal("EIF_TRAILING_BYTES");
  });

  it("are refused when it would be in doubt what boots", async () => {
    const orders = [
      [],
      [kernel, commandLine],
      [kernel, init],
      [commandLine, kernel, init],
      [kernel, init, commandLine],
      [kernel, kernel, commandLine, init],
      [kernel, commandLine, commandLine, init],
      [kernel, commandLine, init, kernel],
      [kernel, commandLine, section(0, "invalid"), init],
      [kernel, commandLine, section(6, "unknown"), init],
    ];
    for (const order of orders)
      expect(await refusal(sampleImage(order)), order.map(({ kind }) => kind).join()).to.equal("EIF_SECTIONS");
  });
});
