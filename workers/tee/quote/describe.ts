import { TeeError } from "../error.ts";
import type { CertificateFields } from "../x509/certificate.ts";
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

/** What a certificate says, on either curve. */
export function certificateFields(certificate: CertificateFields): DescribedFields {
  const { subject, issuer, serial, notBefore, notAfter, point } = certificate;
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    serial: serial.toString(16),
    notBefore: isoOf(notBefore),
    notAfter: isoOf(notAfter),
    key: point,
  };
}

export function validityWarnings(certificates: readonly (CertificateFields | TeeError)[], now: number): string[] {
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
