import { TeeError } from "../error.ts";
import { expect, finish, integer, TAG } from "../x509/der.ts";
import { readOid } from "../x509/extensions.ts";

/** What the certificate of a provisioning certification key (PCK) says about the platform. */
export interface PlatformTcb {
  /** Security version numbers of the 16 components. */
  readonly componentSvns: Uint8Array;
  readonly pceSvn: number;
  readonly pceId: Uint8Array;
  readonly fmspc: Uint8Array;
}

/** 1.2.840.113741.1.13.1 and what follows. */
const TCB = "0x2a864886f84d010d0102";
const PCE_ID = "0x2a864886f84d010d0103";
const FMSPC = "0x2a864886f84d010d0104";
/** Real ones have seven. */
const MAX_FIELDS = 12;
const COMPONENTS = 16;

/** The SGX extension of a PCK certificate, of which the content lies in `der[pos:end]`. */
export function readPckExtension(der: Uint8Array, pos: number, end: number): PlatformTcb {
  const list = expect(der, pos, end, TAG.sequence);
  finish(list.to, end);
  let svns: ReturnType<typeof readSvns> | undefined;
  let pceId: Uint8Array | undefined;
  let fmspc: Uint8Array | undefined;
  let at = list.from;
  for (let i = 0; at < list.to; ++i) {
    if (i === MAX_FIELDS) throw new TeeError("PckFieldMalformed", { pos: at });
    const field = expect(der, at, list.to, TAG.sequence);
    const { oid, to: value } = readOid(der, field.from, field.to);
    const had = oid === TCB ? svns : oid === PCE_ID ? pceId : oid === FMSPC ? fmspc : undefined;
    if (had !== undefined) throw new TeeError("PckFieldTwice", { pos: at });
    if (oid === TCB) svns = readSvns(der, value, field.to);
    else if (oid === PCE_ID) pceId = readOctets(der, value, field.to, 2);
    else if (oid === FMSPC) fmspc = readOctets(der, value, field.to, 6);
    at = field.to;
  }
  if (svns === undefined || pceId === undefined || fmspc === undefined)
    throw new TeeError("PckFieldMissing", { pos: end });
  return { ...svns, pceId, fmspc };
}

/**
 * Components 1 to 16 and 17, the PCE's, as Intel writes them: in this order. What follows is the CPU's SVN, which says the
 * same in another form.
 */
function readSvns(der: Uint8Array, pos: number, end: number) {
  const list = expect(der, pos, end, TAG.sequence);
  finish(list.to, end);
  const svns: number[] = [];
  let at = list.from;
  for (let i = 1; i <= COMPONENTS + 1; ++i) {
    const field = expect(der, at, list.to, TAG.sequence);
    const { oid, to: value } = readOid(der, field.from, field.to);
    if (oid !== TCB + i.toString(16).padStart(2, "0")) throw new TeeError("PckFieldMissing", { pos: at });
    const svn = integer(der, value, field.to);
    const max = i > COMPONENTS ? 0xffffn : 0xffn;
    if (svn.to !== field.to || svn.value > max) throw new TeeError("PckFieldMalformed", { pos: at });
    svns.push(Number(svn.value));
    at = field.to;
  }
  return { componentSvns: Uint8Array.from(svns.slice(0, COMPONENTS)), pceSvn: svns[COMPONENTS] ?? 0 };
}

function readOctets(der: Uint8Array, pos: number, end: number, length: number): Uint8Array {
  const { from, to } = expect(der, pos, end, TAG.octetString);
  if (to !== end || to - from !== length) throw new TeeError("PckFieldMalformed", { pos });
  return der.subarray(from, to);
}
