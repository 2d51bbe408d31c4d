/** The byte at a place, and zero beyond the end, as the contracts' memory has it there. */
export const byteAt = (bytes: Uint8Array, pos: number): number => bytes[pos] ?? 0;

export function littleEndian(bytes: Uint8Array, pos: number, count: number): number {
  let value = 0;
  for (let i = count; i > 0; --i) value = value * 256 + byteAt(bytes, pos + i - 1);
  return value;
}

export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}

/** With 0x in front. */
export function hex(bytes: Uint8Array): string {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Bytes as characters of the same numbers. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
