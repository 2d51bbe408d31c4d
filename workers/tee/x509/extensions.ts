import { byteAt, hex } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { expect, finish, integer, next, TAG } from "./der.ts";

/** What extensions say about what a certificate's key may do, and where the SGX extension is. */
export interface Extensions {
  readonly isAuthority: boolean;
  /** How many authorities may follow below this one; null where it is not limited. */
  readonly pathLength: number | null;
  readonly signsCertificates: boolean;
  readonly signsLists: boolean;
  readonly signsData: boolean;
  /** Where in the certificate the content of the SGX extension lies. */
  readonly sgx: { readonly from: number; readonly to: number } | null;
}

export interface Extension {
  /** The content of the object identifier, in hexadecimal. */
  readonly oid: string;
  readonly isCritical: boolean;
  readonly from: number;
  readonly to: number;
}

/** Certificates of Intel have five or six. */
const MAX_EXTENSIONS = 16;
const KEY_USAGE = "0x551d0f";
const BASIC_CONSTRAINTS = "0x551d13";
/** 1.2.840.113741.1.13.1 */
const SGX = "0x2a864886f84d010d01";

/** `der[pos:end]` is the content of the explicit tag around the list. */
export function readExtensions(der: Uint8Array, pos: number, end: number): Extensions {
  const list = expect(der, pos, end, TAG.sequence);
  finish(list.to, end);
  let usage: ReturnType<typeof keyUsage> | undefined;
  let constraints: ReturnType<typeof basicConstraints> | undefined;
  let sgx: Extensions["sgx"] = null;
  let at = list.from;
  for (let i = 0; at < list.to; ++i) {
    if (i === MAX_EXTENSIONS) throw new TeeError("ExtensionsTooMany", { pos: at });
    const { oid, isCritical, from, to } = readExtension(der, at, list.to);
    const isTwice =
      (oid === KEY_USAGE && usage !== undefined) ||
      (oid === BASIC_CONSTRAINTS && constraints !== undefined) ||
      (oid === SGX && sgx !== null);
    if (isTwice) throw new TeeError("ExtensionTwice", { pos: at });
    if (oid === KEY_USAGE) usage = keyUsage(der, from, to);
    else if (oid === BASIC_CONSTRAINTS) constraints = basicConstraints(der, from, to);
    else if (oid === SGX) sgx = { from, to };
    else if (isCritical) throw new TeeError("ExtensionUnknown", { pos: at });
    at = to;
  }
  return {
    ...(usage ?? { signsData: false, signsCertificates: false, signsLists: false }),
    ...(constraints ?? { isAuthority: false, pathLength: null }),
    sgx,
  };
}

/** One extension; it ends where its content does. */
export function readExtension(der: Uint8Array, pos: number, end: number): Extension {
  const { from, to: last } = expect(der, pos, end, TAG.sequence);
  const { oid, to: afterOid } = readOid(der, from, last);
  const critical = next(der, afterOid, last);
  const isCritical = critical.tag === TAG.boolean;
  // FALSE is the default, which DER does not write.
  if (isCritical && !isTrue(der, critical)) throw new TeeError("ExtensionMalformed", { pos });
  const content = expect(der, isCritical ? critical.to : afterOid, last, TAG.octetString);
  finish(content.to, last);
  return { oid, isCritical, from: content.from, to: content.to };
}

export function readOid(der: Uint8Array, pos: number, end: number): { readonly oid: string; readonly to: number } {
  const { from, to } = expect(der, pos, end, TAG.oid);
  return { oid: hex(der.subarray(from, to)), to };
}

function keyUsage(der: Uint8Array, pos: number, end: number) {
  const { from, to } = expect(der, pos, end, TAG.bitString);
  if (to !== end || to - from < 2) throw new TeeError("ExtensionMalformed", { pos });
  const bits = byteAt(der, from + 1);
  return {
    signsData: (bits & 0x80) !== 0,
    signsCertificates: (bits & 0x04) !== 0,
    signsLists: (bits & 0x02) !== 0,
  };
}

function basicConstraints(der: Uint8Array, pos: number, end: number) {
  const { from, to } = expect(der, pos, end, TAG.sequence);
  finish(to, end);
  if (from === to) return { isAuthority: false, pathLength: null };
  const authority = expect(der, from, to, TAG.boolean);
  if (!isTrue(der, authority)) throw new TeeError("ExtensionMalformed", { pos: authority.from });
  if (authority.to === to) return { isAuthority: true, pathLength: null };
  const { value, to: last } = integer(der, authority.to, to);
  if (last !== to || value > 255n) throw new TeeError("ExtensionMalformed", { pos: authority.from });
  return { isAuthority: true, pathLength: Number(value) };
}

function isTrue(der: Uint8Array, { from, to }: { readonly from: number; readonly to: number }): boolean {
  return to - from === 1 && byteAt(der, from) === 0xff;
}
