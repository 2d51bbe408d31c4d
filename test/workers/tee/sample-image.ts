import { crc32 } from "node:zlib";

export const KERNEL = 1;
export const COMMAND_LINE = 2;
export const RAMDISK = 3;
export const SIGNATURE = 4;
export const METADATA = 5;

export interface Section {
  readonly kind: number;
  readonly content: Uint8Array;
}

export const section = (kind: number, text: string): Section => ({ kind, content: Buffer.from(text) });

const HEADER_BYTES = 548;

/** An enclave image with these sections, laid out as AWS's tools do. */
export function sampleImage(sections: readonly Section[], version = 4): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(".eif");
  header.writeUInt16BE(version, 4);
  header.writeBigUInt64BE(2n ** 30n, 8);
  header.writeBigUInt64BE(2n, 16);
  header.writeUInt16BE(sections.length, 26);
  let position = HEADER_BYTES;
  const parts = sections.map(({ kind, content }, index) => {
    header.writeBigUInt64BE(BigInt(position), 28 + 8 * index);
    header.writeBigUInt64BE(BigInt(content.length), 284 + 8 * index);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(kind);
    head.writeBigUInt64BE(BigInt(content.length), 4);
    position += head.length + content.length;
    return Buffer.concat([head, content]);
  });
  return sealed(Buffer.concat([header, ...parts]));
}

/** The same bytes with the checksum that they need. */
export function sealed(image: Buffer): Buffer {
  const checksum = crc32(image.subarray(HEADER_BYTES), crc32(image.subarray(0, HEADER_BYTES - 4)));
  const copy = Buffer.from(image);
  copy.writeUInt32BE(checksum, HEADER_BYTES - 4);
  return copy;
}
