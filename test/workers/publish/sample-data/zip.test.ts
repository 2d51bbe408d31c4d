import { expect } from "chai";
import { crc32, deflateRawSync } from "node:zlib";

import { readZip } from "../../../../workers/publish/sample-data/zip.ts";

interface Entry {
  readonly name: string;
  readonly content: string;
  readonly method?: 0 | 8 | 12;
  readonly flags?: number;
  /** What the directory says of the content in place of the truth. */
  readonly size?: number;
  readonly crc?: number;
}

/** An archive with extra fields of different lengths in its two headers, as Python's writer leaves them. */
function writeZip(entries: readonly Entry[], comment = ""): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, method = 8, flags = 0, size = content.length, crc = crc32(content) } of entries) {
    const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(20, 28);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, Buffer.from(name));
    parts.push(local, Buffer.from(name), Buffer.alloc(20), packed);
    at += 50 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]));
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("a zip archive", () => {
  it("gives its stored and deflated files by name, past a comment and folders", () => {
    const files = readZip(
      writeZip(
        [
          { name: "one.npy", content: "stored", method: 0 },
          { name: "folder/", content: "", method: 0 },
          { name: "folder/two.npy", content: "deflated ".repeat(50) },
        ],
        "a comment",
      ),
      "a.npz",
    );
    expect([...files.keys()]).to.deep.equal(["one.npy", "folder/two.npy"]);
    expect(text(files.get("one.npy"))).to.equal("stored");
    expect(text(files.get("folder/two.npy"))).to.equal("deflated ".repeat(50));
  });

  it("is refused when it is cut off or its content is not what its directory says", () => {
    const good = writeZip([{ name: "one.npy", content: "some content" }]);
    for (let length = 0; length < good.length; length++)
      expect(() => readZip(good.subarray(0, length), "cut.npz"), String(length)).to.throw(/^cut\.npz: /);
    expect(() => readZip(writeZip([{ name: "x", content: "abc", crc: 1 }]), "a.npz")).to.throw('"x" is damaged');
    expect(() => readZip(writeZip([{ name: "x", content: "abc", size: 2 }]), "a.npz")).to.throw('"x" is damaged');
    expect(() => readZip(writeZip([{ name: "x", content: "abc", size: 4 }]), "a.npz")).to.throw('"x" is damaged');
  });

  it("is refused when it is encrypted, packed by another method, of two files of one name, or zip64", () => {
    expect(() => readZip(writeZip([{ name: "x", content: "a", flags: 1 }]), "a.npz")).to.throw("encrypted");
    expect(() => readZip(writeZip([{ name: "x", content: "a", method: 12 }]), "a.npz")).to.throw("method 12");
    const twice = writeZip([
      { name: "x", content: "a" },
      { name: "x", content: "b" },
    ]);
    expect(() => readZip(twice, "a.npz")).to.throw('holds "x" twice');
    expect(() => readZip(writeZip([{ name: "x", content: "a", size: 0xffff_ffff }]), "a.npz")).to.throw("zip64");
    const many = writeZip([{ name: "x", content: "a" }]);
    new DataView(many.buffer).setUint16(many.length - 12, 0xffff, true);
    expect(() => readZip(many, "a.npz")).to.throw("zip64");
  });
});
