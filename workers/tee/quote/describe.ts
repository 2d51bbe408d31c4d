import { TeeError } from "../error.ts";
import { nameText } from "../x509/name-text.ts";

/** A tree for people and programs. */
export type Described = string | number | Uint8Array | null | readonly Described[] | DescribedFields;
export interface DescribedFields {
  readonly [name: string]: Described;
}

/** What evidence of hardware says. Nothing of it is verified. */
export interface EvidenceDescription {
  /** Every field under its name, with the certificates taken apart. */
  readonly fields: DescribedFields;
  readonly measurement: string;
  /** What should make people wary. */
  readonly warnings: readonly string[];
}

interface Valid {
  /** The name in DER. */
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}

export function validityWarnings(certificates: readonly (Valid | TeeError)[], now: number): string[] {
  return certificates.flatMap((certificate) => {
    if (certificate instanceof TeeError) return [];
    const name = `the certificate of "${nameText(certificate.subject)}"`;
    if (certificate.notAfter < now) return [`${name} expired at ${isoOf(certificate.notAfter)}`];
    return certificate.notBefore > now ? [`${name} is not valid before ${isoOf(certificate.notBefore)}`] : [];
  });
}

export function codeOr<T>(read: () => T): T | TeeError {
  try {
    return read();
  } catch (error) {
    if (error instanceof TeeError) return error;
    throw error;
  }
}

/** What is beyond the calendar is told as its last day. */
export const isoOf = (seconds: number): string =>
  new Date(Math.min(seconds, 8.64e12) * 1000).toISOString().replace(".000", "");
