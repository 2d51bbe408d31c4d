/**
 * What AWS Nitro will measure of an enclave image file.
 *
 * A header of 548 bytes (big-endian): ".eif", version, flags, default memory and CPUs, count of sections, 32 offsets and
 * 32 sizes of sections, CRC-32 of all other bytes of the file. Then the sections: kind, flags, size, content. A register
 * is SHA-384(48 zero bytes, SHA-384(contents)): PCR0 over kernel, command line and all ramdisks, PCR1 over kernel, command
 * line and the first ramdisk (what boots), PCR2 over the other ramdisks (the application).
 */
import { sha384 } from "@noble/hashes/sha2.js";

import { byteSource, type ByteSource } from "./byte-source.ts";
import { crc32 } from "./crc32.ts";
import { EifError } from "./eif-error.ts";

/** The registers that say which code runs, 48 bytes each. */
export interface Pcrs {
  readonly pcr0: Uint8Array;
  readonly pcr1: Uint8Array;
  readonly pcr2: Uint8Array;
}

const HEADER_BYTES = 548;
const SECTION_HEADER_BYTES = 12;
const MAX_SECTIONS = 32;
const MAGIC = 0x2e656966;
/** Version 1 has no checksum; the reader of AWS knows none above 4. */
const VERSIONS = [2, 3, 4];
const [KERNEL, COMMAND_LINE, RAMDISK, SIGNATURE, METADATA] = [1, 2, 3, 4, 5];
const PCR_BYTES = 48;

/** Throws `EIF_*` on a file that is damaged, or whose sections are in an order that images of AWS's tools never have. */
export async function measureEif(file: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Pcrs> {
  const source = byteSource(file);
  const header = readHeader(await source.take(HEADER_BYTES));
  const measured = await readSections(source, header);
  if (measured.checksum !== header.checksum)
    throw new EifError("EIF_CHECKSUM", "the file's checksum is not the one in its header: it is damaged", {
      had: measured.checksum,
      needed: header.checksum,
    });
  return measured.pcrs;
}

interface Header {
  readonly sections: readonly { readonly offset: bigint; readonly size: bigint }[];
  readonly checksum: number;
  /** Checksum of the header but for the checksum. */
  readonly ownChecksum: number;
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0);
  if (magic !== MAGIC) throw new EifError("EIF_MAGIC", "the file is no enclave image: it does not start with .eif");
  const version = view.getUint16(4);
  if (!VERSIONS.includes(version))
    throw new EifError("EIF_VERSION", `version ${version} of the format is not known`, { had: version });
  const count = view.getUint16(26);
  if (count > MAX_SECTIONS)
    throw new EifError("EIF_LAYOUT", `the header counts ${count} sections`, { had: count, max: MAX_SECTIONS });
  const sections = Array.from({ length: count }, (_, index) => ({
    offset: view.getBigUint64(28 + 8 * index),
    size: view.getBigUint64(28 + 8 * (MAX_SECTIONS + index)),
  }));
  const checksumAt = HEADER_BYTES - 4;
  return {
    sections,
    checksum: view.getUint32(checksumAt),
    ownChecksum: crc32(0, bytes.subarray(0, checksumAt)),
  };
}

async function readSections(source: ByteSource, { sections, ownChecksum }: Header) {
  const hashes = { pcr0: sha384.create(), pcr1: sha384.create(), pcr2: sha384.create() };
  const kinds: number[] = [];
  let checksum = ownChecksum;
  let position = BigInt(HEADER_BYTES);

  for (const { offset, size } of sections) {
    const head = await source.take(SECTION_HEADER_BYTES);
    checksum = crc32(checksum, head);
    const view = new DataView(head.buffer);
    if (offset !== position || view.getBigUint64(4) !== size || size > BigInt(Number.MAX_SAFE_INTEGER))
      throw new EifError("EIF_LAYOUT", `section ${kinds.length} is not where and what the header says`, {
        had: { offset: position, size: view.getBigUint64(4) },
        needed: { offset, size },
      });
    const kind = view.getUint16(0);
    requireInOrder(kinds, kind);
    const isBoot = kind === KERNEL || kind === COMMAND_LINE || (kind === RAMDISK && !kinds.includes(RAMDISK));
    const isMeasured = isBoot || kind === RAMDISK;
    kinds.push(kind);
    await source.pass(Number(size), (piece) => {
      checksum = crc32(checksum, piece);
      if (isMeasured) hashes.pcr0.update(piece);
      if (isMeasured) (isBoot ? hashes.pcr1 : hashes.pcr2).update(piece);
    });
    position += BigInt(SECTION_HEADER_BYTES) + size;
  }

  if (!(await source.isAtEnd()))
    throw new EifError("EIF_TRAILING_BYTES", `bytes follow the last section at ${position}`, { had: position });
  for (const needed of [KERNEL, COMMAND_LINE, RAMDISK])
    if (!kinds.includes(needed))
      throw new EifError("EIF_SECTIONS", "an image needs a kernel, a command line and a ramdisk", { had: kinds });
  const pcrs: Pcrs = {
    pcr0: extend(hashes.pcr0.digest()),
    pcr1: extend(hashes.pcr1.digest()),
    pcr2: extend(hashes.pcr2.digest()),
  };
  return { pcrs, checksum };
}

/** One kernel, one command line, then ramdisks; in another order, what is measured first would be in doubt. */
function requireInOrder(before: readonly number[], kind: number): void {
  const has = (needed: number) => before.includes(needed);
  const fits =
    kind === KERNEL
      ? before.length === 0
      : kind === COMMAND_LINE
        ? has(KERNEL) && !has(COMMAND_LINE) && !has(RAMDISK)
        : kind === RAMDISK
          ? has(COMMAND_LINE)
          : kind === SIGNATURE || kind === METADATA;
  if (!fits)
    throw new EifError("EIF_SECTIONS", `a section of kind ${kind} may not follow those of kind ${before.join(", ")}`, {
      had: kind,
      before,
    });
}

/** As a fresh register of a TPM is extended: with zeros before the digest. */
function extend(digest: Uint8Array): Uint8Array {
  return sha384.create().update(new Uint8Array(PCR_BYTES)).update(digest).digest();
}
