import { byteAt, fromLatin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";

const HEADER = fromLatin1("-----BEGIN CERTIFICATE-----\n");
const FOOTER = fromLatin1("-----END CERTIFICATE-----\n");
const NEWLINE = 10;
const DASH = 45;
const EQUALS = 61;
/** Certificates of up to 1,920 bytes. */
const MAX_LINES = 40;
const LINE = 65;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map(Array.from(fromLatin1(ALPHABET), (character, value) => [character, value]));

/**
 * Where the certificate that starts at `pos` ends, its footer included. Only one form is taken: lines of 64 characters
 * except for the last, "\n" after each. Of the base64 nothing is checked.
 */
export function endOfPem(text: Uint8Array, pos: number): number {
  if (!hasAt(text, pos, HEADER)) throw malformed(pos);
  pos += HEADER.length;
  for (let line = 0; line < MAX_LINES && pos + LINE <= text.length; ++line) {
    if (text[pos + LINE - 1] !== NEWLINE) break;
    pos += LINE;
  }
  // A last line of 4 to 60 characters, unless the one before was the last.
  if (pos < text.length && text[pos] !== DASH) {
    let last = pos + 4;
    while (last < text.length && last < pos + 60 && text[last] !== NEWLINE) last += 4;
    pos = last + 1;
  }
  if (!hasAt(text, pos, FOOTER)) throw malformed(pos);
  return pos + FOOTER.length;
}

/** The bytes of the certificate of which `text` is all, as `endOfPem` limits it. The base64 must be canonical. */
export function decodePem(text: Uint8Array): Uint8Array {
  // A copy: a Buffer's slice would be none.
  const lines = Uint8Array.from(text.subarray(HEADER.length, text.length - FOOTER.length));
  const short = lines.length % LINE;
  if (lines.length < 5 || (short !== 0 && (short < 5 || (short - 1) % 4 !== 0))) throw malformed(HEADER.length);

  let padding = 0;
  while (padding < 2 && lines[lines.length - 2 - padding] === EQUALS) {
    lines[lines.length - 2 - padding] = 65;
    ++padding;
  }
  const der = fromBase64(lines);
  // "=" counts as zero bits, and the bytes that these would make must be zero: then they are cut off.
  if (der.subarray(der.length - padding).some((byte) => byte !== 0)) throw malformed(HEADER.length);
  return der.subarray(0, der.length - padding);
}

/** A certificate in the form that is taken. */
export function encodePem(der: Uint8Array): Uint8Array {
  let base64 = "";
  for (let pos = 0; pos < der.length; pos += 3) {
    const word = (byteAt(der, pos) << 16) | (byteAt(der, pos + 1) << 8) | byteAt(der, pos + 2);
    for (let shift = 18; shift >= 0; shift -= 6) base64 += ALPHABET.charAt((word >> shift) & 63);
  }
  const padding = (3 - (der.length % 3)) % 3;
  base64 = base64.slice(0, base64.length - padding) + "=".repeat(padding);
  const lines = base64.match(/.{1,64}/g) ?? [];
  return fromLatin1(`-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`);
}

function fromBase64(lines: Uint8Array): Uint8Array {
  const lineCount = Math.ceil(lines.length / LINE);
  const der = new Uint8Array(((lines.length - lineCount) / 4) * 3);
  let out = 0;
  for (let pos = 0; pos < lines.length; pos += LINE) {
    const lineEnd = Math.min(pos + LINE - 1, lines.length - 1);
    if (lines[lineEnd] !== NEWLINE) throw malformed(HEADER.length);
    for (let i = pos; i < lineEnd; i += 4) {
      const word =
        (value(lines, i) << 18) | (value(lines, i + 1) << 12) | (value(lines, i + 2) << 6) | value(lines, i + 3);
      der[out++] = word >> 16;
      der[out++] = word >> 8;
      der[out++] = word;
    }
  }
  return der;
}

function value(lines: Uint8Array, pos: number): number {
  const found = VALUES.get(byteAt(lines, pos));
  if (found === undefined) throw malformed(HEADER.length);
  return found;
}

function hasAt(text: Uint8Array, pos: number, part: Uint8Array): boolean {
  return text.length >= pos + part.length && part.every((byte, i) => text[pos + i] === byte);
}

const malformed = (pos: number) => new TeeError("PemMalformed", { pos });
