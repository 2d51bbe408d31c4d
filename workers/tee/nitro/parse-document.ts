import { byteAt, hex, latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { finish, head, isBreak, isNull, KIND, map, type Part, string } from "./cbor.ts";

/** What an attestation document says. Nothing of it is true before the signature was checked. */
export interface NitroDocument {
  readonly bytes: Uint8Array;
  /** What is signed: a map of the fields below. */
  readonly payload: Uint8Array;
  /** r and s, 96 bytes. */
  readonly signature: Uint8Array;
  readonly moduleId: string;
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** 48 bytes each, by their numbers; 0, 1 and 2 are always there. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** Of the signer, in DER. */
  readonly certificate: Uint8Array;
  /** Of the authorities above it, from the root on, in DER. */
  readonly bundle: readonly Uint8Array[];
  readonly publicKey: Uint8Array | null;
  readonly userData: Uint8Array | null;
  readonly nonce: Uint8Array | null;
}

export const MAX_DOCUMENT_BYTES = 16_384;
const MAX_PART = 1024;
const MAX_BUNDLE = 8;
const MAX_PCRS = 32;
const DIGEST_BYTES = 48;
const COSE_SIGN1 = 18;
/** The protected header in a string, the map {1: -35}, and the other one, which is empty. */
export const ES384_HEADER = Uint8Array.of(0x44, 0xa1, 0x01, 0x38, 0x22);
const NO_HEADER = 0xa0;
const SHA384 = "SHA384";

const REQUIRED = ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"] as const;
const OPTIONAL = ["public_key", "user_data", "nonce"] as const;
const NAMES: readonly string[] = [...REQUIRED, ...OPTIONAL];

/** Reads COSE_Sign1 with ES384 around a map of fields, as strictly as contracts/tee/nitro/NitroDocument.sol. */
export function parseNitroDocument(bytes: Uint8Array): NitroDocument {
  const end = bytes.length;
  if (end > MAX_DOCUMENT_BYTES) throw new TeeError("DocumentTooLong", { length: end, most: MAX_DOCUMENT_BYTES });
  const array = head(bytes, skipTag(bytes), end, KIND.array);
  if (array.value !== 4) throw new TeeError("CborLength", { pos: array.to });
  const payload = string(bytes, skipHeaders(bytes, array.to), end, KIND.bytes, [1, MAX_DOCUMENT_BYTES]);
  const signature = string(bytes, payload.to, end, KIND.bytes, [2 * DIGEST_BYTES, 2 * DIGEST_BYTES]);
  finish(signature.to, end);
  return {
    bytes,
    payload: slice(bytes, payload),
    signature: slice(bytes, signature),
    ...readFields(bytes, payload),
  };
}

type Fields = Omit<NitroDocument, "bytes" | "payload" | "signature">;
type Reader = (pos: number) => number;

function skipTag(bytes: Uint8Array): number {
  if (bytes.length === 0 || byteAt(bytes, 0) >> 5 !== KIND.tag) return 0;
  const tag = head(bytes, 0, bytes.length, KIND.tag);
  if (tag.value !== COSE_SIGN1) throw new TeeError("DocumentAlgorithm", { pos: 0 });
  return tag.to;
}

function skipHeaders(bytes: Uint8Array, pos: number): number {
  if (pos + ES384_HEADER.length + 1 > bytes.length) throw new TeeError("CborTruncated", { pos });
  for (const needed of [...ES384_HEADER, NO_HEADER]) {
    if (byteAt(bytes, pos) !== needed) throw new TeeError("DocumentAlgorithm", { pos });
    ++pos;
  }
  return pos;
}

function readFields(bytes: Uint8Array, { from, to: end }: Part): Fields {
  const found = new Fieldwise(bytes, end);
  const { count, hasBreak, to } = map(bytes, from, end, NAMES.length);
  let pos = to;
  for (let i = 0; i < count; ++i) {
    if (hasBreak && isBreak(bytes, pos, end)) break;
    pos = found.read(pos);
  }
  if (hasBreak) {
    if (!isBreak(bytes, pos, end)) throw new TeeError("DocumentFieldUnknown", { pos });
    ++pos;
  }
  finish(pos, end);
  return found.all();
}

/** The fields as they come, in any order. */
class Fieldwise {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #seen = new Set<string>();
  readonly #parts = new Map<string, Uint8Array>();
  #timestamp = 0;
  #pcrs = new Map<number, Uint8Array>();
  #bundle: Uint8Array[] = [];

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes;
    this.#end = end;
  }

  /** One name with its value; where the next one begins. */
  read(pos: number): number {
    const label = string(this.#bytes, pos, this.#end, KIND.text, [1, 16]);
    const name = latin1(slice(this.#bytes, label));
    if (!NAMES.includes(name)) throw new TeeError("DocumentFieldUnknown", { pos });
    if (this.#seen.has(name)) throw new TeeError("DocumentFieldTwice", { pos });
    this.#seen.add(name);
    return this.#value(name)(label.to);
  }

  all(): Fields {
    if (!REQUIRED.every((name) => this.#seen.has(name))) throw new TeeError("DocumentFieldMissing");
    const part = (name: string) => this.#parts.get(name) ?? new Uint8Array(0);
    return {
      moduleId: latin1(part("module_id")),
      digest: SHA384,
      timestamp: this.#timestamp,
      pcrs: this.#pcrs,
      certificate: part("certificate"),
      bundle: this.#bundle,
      publicKey: this.#parts.get("public_key") ?? null,
      userData: this.#parts.get("user_data") ?? null,
      nonce: this.#parts.get("nonce") ?? null,
    };
  }

  #value(name: string): Reader {
    switch (name) {
      case "module_id":
        return (pos) => this.#part(name, pos, KIND.text, 1);
      case "digest":
        return (pos) => this.#digest(pos);
      case "timestamp":
        return (pos) => this.#time(pos);
      case "pcrs":
        return (pos) => this.#registers(pos);
      case "certificate":
        return (pos) => this.#part(name, pos, KIND.bytes, 1);
      case "cabundle":
        return (pos) => this.#certificates(pos);
      default:
        return (pos) => (isNull(this.#bytes, pos, this.#end) ? pos + 1 : this.#part(name, pos, KIND.bytes, 0));
    }
  }

  #part(name: string, pos: number, kind: number, least: number): number {
    const part = string(this.#bytes, pos, this.#end, kind, [least, MAX_PART]);
    this.#parts.set(name, slice(this.#bytes, part));
    return part.to;
  }

  #digest(pos: number): number {
    const part = string(this.#bytes, pos, this.#end, KIND.text, [1, MAX_PART]);
    if (latin1(slice(this.#bytes, part)) !== SHA384) throw new TeeError("DocumentValue", { pos });
    return part.to;
  }

  #time(pos: number): number {
    const { value, to } = head(this.#bytes, pos, this.#end, KIND.unsigned);
    if (value === 0) throw new TeeError("DocumentValue", { pos });
    this.#timestamp = value;
    return to;
  }

  /** The first three must be there. The numbers grow, so that none is there twice. */
  #registers(at: number): number {
    const { value: count, to } = head(this.#bytes, at, this.#end, KIND.map);
    if (count < 3 || count > MAX_PCRS) throw new TeeError("CborLength", { pos: to });
    let pos = to;
    let least = 0;
    for (let i = 0; i < count; ++i) {
      const number = head(this.#bytes, pos, this.#end, KIND.unsigned);
      const isNext = number.value >= least && number.value < MAX_PCRS && (i >= 3 || number.value === i);
      if (!isNext) throw new TeeError("DocumentValue", { pos });
      least = number.value + 1;
      const part = string(this.#bytes, number.to, this.#end, KIND.bytes, [DIGEST_BYTES, DIGEST_BYTES]);
      this.#pcrs.set(number.value, slice(this.#bytes, part));
      pos = part.to;
    }
    return pos;
  }

  #certificates(at: number): number {
    const { value: count, to } = head(this.#bytes, at, this.#end, KIND.array);
    if (count === 0 || count > MAX_BUNDLE) throw new TeeError("CborLength", { pos: to });
    let pos = to;
    for (let i = 0; i < count; ++i) {
      const part = string(this.#bytes, pos, this.#end, KIND.bytes, [1, MAX_PART]);
      this.#bundle.push(slice(this.#bytes, part));
      pos = part.to;
    }
    return pos;
  }
}

const slice = (bytes: Uint8Array, { from, to }: Part) => bytes.subarray(from, to);

/** A register in hexadecimal with 0x. */
export const registerOf = ({ pcrs }: NitroDocument, number: number): string =>
  hex(pcrs.get(number) ?? new Uint8Array(0));
