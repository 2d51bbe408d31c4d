/** Just enough DER to write certificates and revocation lists as Intel does, and wrong ones. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
export const octets = (...parts: readonly Uint8Array[]) => tlv(0x04, ...parts);
export const bits = (unused: number, ...parts: readonly Uint8Array[]) => tlv(0x03, Buffer.from([unused]), ...parts);
export const yes = tlv(0x01, Buffer.from([0xff]));
export const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));

/** A non-negative integer in the shortest form, with a leading zero where the sign bit would be set. */
export function integer(value: bigint | number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return isNegative ? tlv(0x02, Buffer.from([0]), bytes) : tlv(0x02, bytes);
}

/** UTCTime up to 2049, GeneralizedTime after, as RFC 5280 has it. */
export function time(seconds: number): Buffer {
  const digits = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, "");
  return digits < "2050" ? tlv(0x17, Buffer.from(digits.slice(2))) : tlv(0x18, Buffer.from(digits));
}

/** A distinguished name with nothing but a common name. */
export function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(commonName)))));
}

export function pem(der: Uint8Array): Buffer {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return Buffer.from(["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}
