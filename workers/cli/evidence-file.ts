import { readFile } from "node:fs/promises";

import { AssayError } from "../../circuits/format/error.ts";

export class EvidenceFileError extends AssayError {
  declare readonly code: "FILE_MISSING" | "NOT_A_QUOTE";
}

/** A DCAP quote from a file: as it is, or as text in hexadecimal or base64. Throws `FILE_MISSING`, `NOT_A_QUOTE`. */
export async function readQuote(path: string): Promise<Uint8Array> {
  const content = await readBytes(path);
  const text = content.toString("latin1").replaceAll(/\s/g, "");
  const bytes = fromText(text) ?? content;
  // COSE: an array of four, alone or tagged.
  const isNitro = bytes[0] === 0x84 || (bytes[0] === 0xd2 && bytes[1] === 0x84);
  if (isNitro) throw new EvidenceFileError("NOT_A_QUOTE", `${path} is an attestation document of AWS Nitro, no quote`);
  return Uint8Array.from(bytes);
}

export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new EvidenceFileError("FILE_MISSING", `${path} cannot be read`, { cause, details: { path } });
  }
}

function fromText(text: string): Buffer | undefined {
  const digits = text.replace(/^0x/, "");
  if (digits.length > 0 && digits.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(digits)) return Buffer.from(digits, "hex");
  return /^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
