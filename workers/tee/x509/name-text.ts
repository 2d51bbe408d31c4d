import { hex } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { expect, next, TAG } from "./der.ts";
import { readOid } from "./extensions.ts";

/** Short names of the attributes that certificates here have, by 2.5.4.x. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  "0x550403": "CN",
  "0x550406": "C",
  "0x550407": "L",
  "0x550408": "ST",
  "0x55040a": "O",
  "0x55040b": "OU",
};

/** A distinguished name as people write it: "CN=Intel SGX Root CA, O=Intel Corporation, …"; in hexadecimal if it is none. */
export function nameText(der: Uint8Array): string {
  try {
    const { from, to } = expect(der, 0, der.length, TAG.sequence);
    const parts: string[] = [];
    for (let pos = from; pos < to;) {
      const set = expect(der, pos, to, TAG.set);
      parts.push(attributeText(der, set.from, set.to));
      pos = set.to;
    }
    return parts.join(", ");
  } catch (error) {
    if (error instanceof TeeError) return hex(der);
    throw error;
  }
}

function attributeText(der: Uint8Array, pos: number, end: number): string {
  const { from, to } = expect(der, pos, end, TAG.sequence);
  const { oid, to: at } = readOid(der, from, to);
  const value = next(der, at, to);
  const text = new TextDecoder().decode(der.subarray(value.from, value.to));
  return `${ATTRIBUTES[oid] ?? oid}=${text}`;
}
