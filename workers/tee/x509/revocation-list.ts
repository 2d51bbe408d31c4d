import { sha256 } from "@noble/hashes/sha2.js";

import { byteAt } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { readName, readSerial, readTime } from "./certificate.ts";
import { expect, finish, integer, TAG } from "./der.ts";
import { readExtension } from "./extensions.ts";
import { openSigned, P256_SHA256, skipAlgorithm } from "./signed-der.ts";

/** A revocation list; its entries are read one by one, for they can be many. */
export interface RevocationList {
  readonly der: Uint8Array;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  /** The name in DER. */
  readonly issuer: Uint8Array;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entriesFrom: number;
  readonly entriesTo: number;
}

/** Lists of Intel have two. */
const MAX_EXTENSIONS = 8;

/** X.509 v2 revocation lists. */
export function readRevocationList(der: Uint8Array): RevocationList {
  const { from, to, signed, signature } = openSigned(der, P256_SHA256);
  const version = integer(der, from, to);
  if (version.value !== 1n) throw new TeeError("ListVersion", { pos: from });
  const issuer = readName(der, skipAlgorithm(der, version.to, to, P256_SHA256), to);
  const thisUpdate = readTime(der, issuer.to, to);
  const nextUpdate = readTime(der, thisUpdate.to, to);
  const pos = nextUpdate.to;
  const hasEntries = pos < to && byteAt(der, pos) === TAG.sequence;
  const entries = hasEntries ? expect(der, pos, to, TAG.sequence) : { from: 0, to: 0 };
  requireNothingCritical(der, hasEntries ? entries.to : pos, to);
  return {
    der,
    digest: sha256(signed),
    signature,
    issuer: issuer.value,
    thisUpdate: thisUpdate.value,
    nextUpdate: nextUpdate.value,
    entriesFrom: entries.from,
    entriesTo: entries.to,
  };
}

/** The serial number of the entry at `pos`, and where the next one is. */
export function readEntry({ der, entriesTo }: RevocationList, pos: number) {
  const { from, to } = expect(der, pos, entriesTo, TAG.sequence);
  return { serial: readSerial(der, from, to).value, to };
}

/** A critical extension would limit what the list is about. */
function requireNothingCritical(der: Uint8Array, pos: number, end: number): void {
  const explicit = expect(der, pos, end, TAG.context0);
  finish(explicit.to, end);
  const list = expect(der, explicit.from, explicit.to, TAG.sequence);
  finish(list.to, explicit.to);
  let at = list.from;
  for (let i = 0; at < list.to; ++i) {
    if (i === MAX_EXTENSIONS) throw new TeeError("ExtensionsTooMany", { pos: at });
    const { isCritical, to } = readExtension(der, at, list.to);
    if (isCritical) throw new TeeError("ExtensionUnknown", { pos: at });
    at = to;
  }
}
