import { readFile } from "node:fs/promises";

import { AssayError } from "../../circuits/format/error.ts";

export class EvidenceFileError extends AssayError {
  declare readonly code: "FILE_MISSING";
}

export interface Evidence {
  readonly kind: "dcap" | "nitro";
  readonly bytes: Uint8Array;
}

/** A quote or an attestation document from a file: as it is, or in hexadecimal or base64. Throws `FILE_MISSING`. */
export async function readEvidence(path: string): Promise<Evidence> {
  const content = await readBytes(path);
  const bytes = Uint8Array.from(fromText(content.toString("latin1").replaceAll(/\s/g, "")) ?? content);
  // Documents of Nitro are COSE: an array of four, alone or tagged. A quote begins with its version.
  const isNitro = bytes[0] === 0x84 || (bytes[0] === 0xd2 && bytes[1] === 0x84);
  return { kind: isNitro ? "nitro" : "dcap", bytes };
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
