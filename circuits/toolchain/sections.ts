import { concatBytes } from "../format/tensor.ts";

/**
 * The container of iden3's binary files (.r1cs, .wtns, .zkey): four letters, then as little-endian integers the
 * version (u32), the number of sections (u32), and for each section its id (u32), its length in bytes (u64) and bytes.
 */
export interface SectionFile {
  readonly type: string;
  readonly version: number;
  readonly sections: ReadonlyMap<number, Uint8Array>;
}

const LETTERS = 4;
const FILE_HEADER = LETTERS + 8;
const SECTION_HEADER = 12;

/** Every section must lie within the file, occur once, and nothing may follow the last; `corrupt` makes the error. */
export function readSections(bytes: Uint8Array, type: string, corrupt: (problem: string) => Error): SectionFile {
  if (bytes.length < FILE_HEADER) throw corrupt(`${bytes.length} bytes are too few for a header`);
  const view = viewOf(bytes);
  const actualType = String.fromCharCode(...bytes.subarray(0, LETTERS));
  if (actualType !== type) throw corrupt(`it begins with ${JSON.stringify(actualType)}, not "${type}"`);
  const count = view.getUint32(8, true);
  const sections = new Map<number, Uint8Array>();
  let at = FILE_HEADER;
  for (let index = 0; index < count; index++) {
    if (at + SECTION_HEADER > bytes.length) throw corrupt(`it ends before section ${index + 1} of ${count}`);
    const id = view.getUint32(at, true);
    const length = Number(view.getBigUint64(at + 4, true));
    at += SECTION_HEADER;
    if (length > bytes.length - at)
      throw corrupt(`section ${id} claims ${length} bytes, but ${bytes.length - at} are left`);
    if (sections.has(id)) throw corrupt(`section ${id} occurs twice`);
    sections.set(id, bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) throw corrupt(`${bytes.length - at} bytes follow the last section`);
  return { type, version: view.getUint32(4, true), sections };
}

export function writeSections(type: string, version: number, sections: readonly [number, Uint8Array][]): Uint8Array {
  const parts = [new TextEncoder().encode(type), u32(version), u32(sections.length)];
  for (const [id, bytes] of sections) parts.push(u32(id), u64(bytes.length), bytes);
  return concatBytes(parts);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, index) => viewOf(bytes).setUint32(4 * index, value, true));
  return bytes;
}

export function u64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  viewOf(bytes).setBigUint64(0, BigInt(value), true);
  return bytes;
}
