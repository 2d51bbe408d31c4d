import { AssayError } from "../../circuits/format/error.ts";

/** What is wrong, by the names of the errors that the contracts throw for it. */
const MESSAGES = {
  QuoteLength: "a length in the quote disagrees with the others, or the quote is cut off",
  QuoteTooLong: "the quote is longer than any that is taken",
  QuoteVersion: "the quote has a version other than 3, 4 and 5",
  QuoteKeyType: "the attestation key is not ECDSA on P-256",
  QuoteTeeType: "the quote is of neither SGX nor TDX, or its version does not know TDX",
  QuoteBody: "kind and size of the quote's body are none that is known",
  QuoteVendor: "the quoting enclave is not Intel's",
  QuoteCertificationData: "the certification data is not the one that is read: a PCK chain in PEM",
  QuotePadding: "something other than zeros follows the quote",

  PemMalformed: "the text is not PEM in the one form that is taken",
  DerTruncated: "an element of DER goes beyond what encloses it",
  DerTag: "an element of DER is not of the kind that belongs there",
  DerLength: "a length of DER is not in its shortest form",
  DerInteger: "an integer of DER is negative, too large or not in its shortest form",
  DerTrailingBytes: "something follows where an element of DER must be the last",
  CalendarTimeInvalid: "a date is none",
  SignatureAlgorithm: "the signature is not ECDSA on P-256 with SHA-256",
  ExtensionUnknown: "an extension is critical and unknown",
  ExtensionTwice: "an extension is there twice",
  ExtensionMalformed: "an extension is malformed",
  ExtensionsTooMany: "there are more extensions than are read",
  CertificateVersion: "the certificate is not of version 3 of X.509",
  CertificateSerial: "a serial number is zero or has more than 20 bytes",
  CertificateKey: "the certificate's key is no point on P-256",
  ListVersion: "the revocation list is not of version 2",
  PckFieldMissing: "the SGX extension lacks a field",
  PckFieldTwice: "the SGX extension has a field twice",
  PckFieldMalformed: "a field of the SGX extension is malformed",

  RootUnknown: "the root is not the pinned one",
  IssuerMismatch: "the name of the issuer is not the one of the next certificate",
  CertificateSignature: "the issuer did not sign the certificate",
  NotAnAuthority: "the certificate's key may not sign the one below it",
  NotASigner: "the certificate is not that of who signs collateral",
  NotAPlatform: "the certificate is not one of a platform (PCK)",
  CertificateNotYetValid: "a certificate is not valid yet",
  CertificateExpired: "a certificate has expired",
  CertificateRevoked: "a certificate was revoked",
  ChainTrailingBytes: "something follows the last certificate",
  ListSignature: "the issuer did not sign the revocation list",
  ListNotCurrent: "the revocation list is not current",
  ListSuperseded: "a revocation list at least as new is known",

  QuotingEnclaveSignature: "the platform's key did not sign the report of the quoting enclave",
  AttestationKeyMismatch: "the quoting enclave vouches for another attestation key or other data",
  QuoteSignature: "the attestation key did not sign the quote",
  QuotingEnclaveDebug: "the quoting enclave can be debugged",
  DebugEnclave: "the code can be read and changed from outside: it runs under debug",
  ListsNotCurrent: "a revocation list of one of the issuers is missing or out of date",

  CborTruncated: "an item of CBOR goes beyond what encloses it",
  CborUnexpected: "an item of CBOR is not of the kind that belongs there",
  CborLength: "a number of CBOR is not in its shortest form, or a length is above what is taken there",
  CborTrailingBytes: "something follows where an item of CBOR must be the last",
  DocumentTooLong: "the document is longer than any that is taken",
  DocumentAlgorithm: "the document's header names another algorithm than ES384, or more than that",
  DocumentFieldUnknown: "the document has a field that is not known",
  DocumentFieldTwice: "the document has a field twice",
  DocumentFieldMissing: "the document lacks a field",
  DocumentValue: "the document names another hash than SHA-384, no time, or registers out of order",
  CertificateTooLong: "a certificate is longer than any that is taken",
  CertificateDistrusted: "a certificate is distrusted",
  PathTooLong: "there are more authorities below one than its path length allows",
  DocumentSignature: "the key of the signer's certificate did not sign the document",
  DocumentFromFuture: "the document is from the future",
  DocumentStale: "the document was made too long ago",
  UserDataLength: "the user data is something else than 64 bytes of report data",

  JsonUnexpected: "the collateral is not JSON as Intel signs it",
  IdentityIncomplete: "the enclave identity lacks a member",
  IdentityValue: "a value of the enclave identity is not one that is read",
  LevelsTooMany: "there are more TCB levels than are read",
  TcbStatusUnknown: "a TCB status is not one of Intel's",
  TcbInfoIncomplete: "the TCB info lacks a member",
  TcbInfoValue: "a value of the TCB info is not one that is read",
  TdxModuleValue: "a value of a TDX module's identity is not one that is read",
  CollateralSignature: "the signer did not sign the collateral",
  CollateralNotCurrent: "the collateral is not current",
  CollateralSuperseded: "collateral at least as new is known",
  IdentityUnknown: "the identity is of neither QE nor TD_QE",
  StatusesInvalid: "a status that may never do is among the accepted ones",
  TcbInfoMissing: "there is no TCB info of this family of platforms, and no minimum in force",
  IdentityMissing: "there is no identity of the quoting enclave, and no minimum in force",
  BelowMinimum: "a security version is below the administrator's minimum",
  QuotingEnclaveUnknown: "the quoting enclave is not the one that Intel describes",
  TdxModuleUnknown: "the TDX module is not one that Intel describes",
  TcbStatusRefused: "the platform's TCB status is not an accepted one",
} as const;

export type TeeErrorCode = keyof typeof MESSAGES;

/** Why evidence of hardware is refused: `code` is the name of the contracts' error, `details` has its arguments. */
export class TeeError extends AssayError {
  declare readonly code: TeeErrorCode;

  constructor(code: TeeErrorCode, details: Readonly<Record<string, string | number | bigint | boolean>> = {}) {
    const values = Object.entries(details).map(([name, value]) => `${name} ${value}`);
    super(code, values.length === 0 ? MESSAGES[code] : `${MESSAGES[code]} (${values.join(", ")})`, { details });
  }
}
