import { crc32, inflateRawSync } from "node:zlib";

import { invalidSamples } from "./error.ts";

const END = 0x06054b50;
const END_BYTES = 22;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
/** What stands in a 16 or 32-bit field whose value is in a zip64 record. */
const [ZIP64_16, ZIP64_32] = [0xffff, 0xffff_ffff];
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

/**
 * The files of a zip archive by name, as its central directory lists them: stored or deflated, each checked against its
 * length and CRC. Source of the format: PKWARE APPNOTE.TXT. Throws `SAMPLES_INVALID`, which names `file`; so for zip64.
 */
export function readZip(bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view) ?? refuse("this is no zip archive, or its end is missing");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === ZIP64_16 || at === ZIP64_32) refuseZip64();
  const files = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY) refuse("its central directory is damaged");
    const name = new TextDecoder().decode(sliceAt(at + ENTRY_BYTES, view.getUint16(at + 28, true)));
    if (files.has(name)) refuse(`it holds "${name}" twice`);
    if (!name.endsWith("/")) files.set(name, readEntry(at, name));
    at += ENTRY_BYTES + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;

  function readEntry(entry: number, name: string): Uint8Array {
    const [packed, size] = [view.getUint32(entry + 20, true), view.getUint32(entry + 24, true)];
    const local = view.getUint32(entry + 42, true);
    if (packed === ZIP64_32 || size === ZIP64_32 || local === ZIP64_32) refuseZip64();
    if ((view.getUint16(entry + 8, true) & ENCRYPTED) !== 0) refuse(`"${name}" is encrypted`);
    if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL) refuse(`"${name}" is damaged`);
    // The local header has its own extra field, of another length than the directory's.
    const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const content = unpack(sliceAt(start, packed), { name, size, method: view.getUint16(entry + 10, true) });
    if (content.length !== size || crc32(content) !== view.getUint32(entry + 16, true)) refuse(`"${name}" is damaged`);
    return content;
  }

  function unpack(content: Uint8Array, { name, size, method }: Packed): Uint8Array {
    if (method === STORED) return content;
    if (method !== DEFLATED) return refuse(`"${name}" is compressed by method ${method}; only deflate is read`);
    try {
      // The declared size bounds what a small file may unfold to.
      return new Uint8Array(inflateRawSync(content, { maxOutputLength: Math.max(1, size) }));
    } catch {
      return refuse(`"${name}" is damaged`);
    }
  }

  function sliceAt(start: number, length: number): Uint8Array {
    if (start + length > bytes.length) refuse("it ends too early");
    return bytes.subarray(start, start + length);
  }

  function refuseZip64(): never {
    return refuse("archives of 4 GB or 65,535 files and more (zip64) are not read; save fewer samples");
  }

  function refuse(message: string): never {
    throw invalidSamples(file, message);
  }
}

interface Packed {
  readonly name: string;
  readonly size: number;
  readonly method: number;
}

/** The end record is the last thing in the file but for a comment. */
function findEnd(view: DataView): number | undefined {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--)
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  return undefined;
}
