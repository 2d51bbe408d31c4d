/** Chains of certificates that no verifier may take under the development root, with the error of each. */
import {
  authorityOf,
  BASIC_CONSTRAINTS,
  certificate,
  type CertificateParts,
  type CertificateSpec,
  critical,
  extension,
  KEY_USAGE,
  noAuthority,
  partsOf,
  usageOfAuthority,
  usageOfSigner,
} from "../../../workers/tee/development/authority.ts";
import { bits, integer, octets, oid, pem, sequence, time, tlv, yes } from "../../../workers/tee/development/der.ts";
import {
  chainOf,
  field,
  pckChain,
  sgxExtension,
  sgxFields,
  signerChain,
  type Specs,
  SVNS,
  svnFields,
} from "../../../workers/tee/development/platform.ts";
import { SIGNED_BY, signerOf } from "./development.ts";
import { CHAIN, DAY, SPECS, START } from "./fixture.ts";

const bytes = (hex: string) => Buffer.from(hex, "hex");

/** The chain with one certificate of it changed. */
export function withSpec(which: keyof Specs, change: Partial<CertificateSpec>): Buffer {
  return pckChain({ ...SPECS, [which]: { ...SPECS[which], ...change } });
}
const withParts = (which: keyof Specs, parts: Partial<CertificateParts>) => withSpec(which, { parts });
export const withPckExtensions = (...extensions: readonly Uint8Array[]) => withSpec("pck", { extensions });
const withSgxFields = (...fields: readonly Uint8Array[]) =>
  withPckExtensions(usageOfSigner, noAuthority, sgxExtension(...fields));
const withSgxField = (i: number, value: Uint8Array) => withSgxFields(...sgxFields().with(i, Buffer.from(value)));
/** The chain with the bytes of the PCK certificate replaced. */
export const withPck = (der: Uint8Array) => Buffer.concat([pem(der), chainOf(SPECS.platformCa, SPECS.root)]);
const withText = (from: string | RegExp, to: string) =>
  Buffer.from(CHAIN.toString("latin1").replace(from, to), "latin1");

const before = { notBefore: START + DAY };
const after = { notAfter: START - DAY };
const { root, platformCa, pck } = SPECS;
const plainCa = { ...platformCa, extensions: [usageOfSigner, noAuthority] };
const stranger = signerOf("somebody");
/** Of platforms. */
export const WRONG_CHAINS: Record<string, readonly [chain: Buffer, error: string]> = {
  "of another root with the same name": [
    pckChain({
      ...SPECS,
      root: {
        ...root,
        subject: { ...stranger, name: SIGNED_BY.root.name },
        issuer: { ...stranger, name: SIGNED_BY.root.name },
      },
    }),
    "RootUnknown",
  ],
  "of a root that another key signed": [
    withSpec("root", { issuer: { ...stranger, name: SIGNED_BY.root.name } }),
    "CertificateSignature",
  ],
  "of a root that is issued by another name": [
    withSpec("root", { issuer: { ...SIGNED_BY.root, name: "another" } }),
    "IssuerMismatch",
  ],
  "of a root that is no authority": [
    withSpec("root", { extensions: [usageOfAuthority, noAuthority] }),
    "NotAnAuthority",
  ],
  "of a root that may have no authority below": [
    withSpec("root", { extensions: [usageOfAuthority, authorityOf(0)] }),
    "NotAnAuthority",
  ],
  "of an authority that another key signed": [
    withSpec("platformCa", { issuer: { ...stranger, name: SIGNED_BY.root.name } }),
    "CertificateSignature",
  ],
  "of an authority that names another issuer": [
    withSpec("platformCa", { issuer: { ...SIGNED_BY.root, name: "another" } }),
    "IssuerMismatch",
  ],
  "of an authority that may not sign certificates": [
    withSpec("platformCa", { extensions: [critical(KEY_USAGE, bits(1, bytes("02"))), authorityOf(0)] }),
    "NotAnAuthority",
  ],
  "of an authority that may not sign lists": [
    withSpec("platformCa", { extensions: [critical(KEY_USAGE, bits(2, bytes("04"))), authorityOf(0)] }),
    "NotAnAuthority",
  ],
  "of a leaf in the place of the authority": [pckChain({ ...SPECS, platformCa: plainCa }), "NotAnAuthority"],
  "of a leaf that another key signed": [
    withSpec("pck", { issuer: { ...stranger, name: platformCa.subject.name } }),
    "CertificateSignature",
  ],
  "of a leaf that names another issuer": [withSpec("pck", { issuer: SIGNED_BY.root }), "IssuerMismatch"],
  "of a leaf without the SGX extension": [withPckExtensions(usageOfSigner, noAuthority), "NotAPlatform"],
  "of a leaf that may not sign": [
    withPckExtensions(critical(KEY_USAGE, bits(6, bytes("40"))), sgxExtension(...sgxFields())),
    "NotAPlatform",
  ],
  "of a leaf that is an authority": [
    withPckExtensions(usageOfSigner, authorityOf(), sgxExtension(...sgxFields())),
    "NotAPlatform",
  ],
  "in another order": [chainOf(platformCa, pck, root), "IssuerMismatch"],
  "upside down": [chainOf(root, platformCa, pck), "RootUnknown"],
  "without the root": [chainOf(pck, platformCa), "PemMalformed"],
  "without the authority": [chainOf(pck, root), "PemMalformed"],
  "with another certificate behind": [chainOf(pck, platformCa, root, root), "ChainTrailingBytes"],
  "with a byte behind": [Buffer.concat([CHAIN, bytes("20")]), "ChainTrailingBytes"],
  "with two zeros behind": [Buffer.concat([CHAIN, bytes("0000")]), "ChainTrailingBytes"],
  "that is empty": [Buffer.alloc(0), "PemMalformed"],
  "of a root that is not yet valid": [withSpec("root", before), "CertificateNotYetValid"],
  "of an authority that is not yet valid": [withSpec("platformCa", before), "CertificateNotYetValid"],
  "of a leaf that is not yet valid": [withSpec("pck", before), "CertificateNotYetValid"],
  "of a root that expired": [withSpec("root", after), "CertificateExpired"],
  "of an authority that expired": [withSpec("platformCa", after), "CertificateExpired"],
  "of a leaf that expired": [withSpec("pck", after), "CertificateExpired"],

  "with lines of other lengths": [withText(/\n(.{64})\n(.{64})/, "\n$1$2\n"), "PemMalformed"],
  "with lines that end otherwise": [withText(/(.{64})\n(.{64})\n/, "$1\r$2\n"), "PemMalformed"],
  "with a character that base64 does not have": [withText(/\n.(.{63})\n/, "\n_$1\n"), "PemMalformed"],
  "with another header": [withText("BEGIN", "START"), "PemMalformed"],
  "with another footer": [withText("END", "STOP"), "PemMalformed"],
  "with more than 40 lines": [
    withPckExtensions(usageOfSigner, extension("551d0e", octets(Buffer.alloc(2000)))),
    "PemMalformed",
  ],

  "of version 2": [withParts("pck", { version: tlv(0xa0, integer(1)) }), "CertificateVersion"],
  "with more than a version": [withParts("pck", { version: tlv(0xa0, integer(2), integer(2)) }), "CertificateVersion"],
  "with the serial number zero": [withSpec("pck", { serial: 0n }), "CertificateSerial"],
  "with a serial number of 21 bytes": [withSpec("pck", { serial: 2n ** 160n }), "CertificateSerial"],
  "with a serial number of 33 bytes": [withSpec("pck", { serial: 2n ** 256n }), "DerInteger"],
  "with a negative serial number": [withParts("pck", { serial: tlv(2, bytes("80")) }), "DerInteger"],
  "with a serial number of no bytes": [withParts("pck", { serial: tlv(2) }), "DerInteger"],
  "with a serial number that is not the shortest": [withParts("pck", { serial: tlv(2, bytes("007f")) }), "DerInteger"],
  "signed by another algorithm inside": [
    withParts("pck", { algorithm: sequence(oid("2a8648ce3d040303")) }),
    "SignatureAlgorithm",
  ],
  "with parameters of the algorithm": [
    withParts("pck", { algorithm: sequence(oid("2a8648ce3d040302"), tlv(5)) }),
    "SignatureAlgorithm",
  ],
  "with a key of another curve": [
    withParts("pck", {
      key: sequence(sequence(oid("2a8648ce3d0201"), oid("2b81040022")), bits(0, Buffer.alloc(65, 4))),
    }),
    "CertificateKey",
  ],
  "with a compressed key": [
    withParts("pck", {
      key: sequence(sequence(oid("2a8648ce3d0201"), oid("2a8648ce3d030107")), bits(0, Buffer.alloc(33, 2))),
    }),
    "CertificateKey",
  ],
  "without extensions": [withParts("pck", { extensions: Buffer.alloc(0) }), "DerTruncated"],
  "with an issuer's unique identifier": [
    withParts("pck", { extensions: Buffer.concat([tlv(0x81, bytes("00")), partsOf(pck).extensions]) }),
    "DerTag",
  ],
  "with something behind the extensions": [
    withParts("pck", { extensions: Buffer.concat([partsOf(pck).extensions, tlv(5)]) }),
    "DerTrailingBytes",
  ],
  "with a third date": [
    withParts("pck", { validity: sequence(time(START), time(START), time(START)) }),
    "DerTrailingBytes",
  ],
  "with a date that is none": [
    withParts("pck", { validity: sequence(tlv(0x17, Buffer.from("251301000000Z")), time(START)) }),
    "CalendarTimeInvalid",
  ],
  "with a date of the wrong kind": [
    withParts("pck", { validity: sequence(tlv(0x18, Buffer.from("250101000000Z")), time(START)) }),
    "DerTag",
  ],

  "with an unknown critical extension": [
    withPckExtensions(usageOfSigner, critical("551d24", sequence())),
    "ExtensionUnknown",
  ],
  "with the key usage twice": [withPckExtensions(usageOfSigner, usageOfSigner), "ExtensionTwice"],
  "with the constraints twice": [withPckExtensions(noAuthority, noAuthority), "ExtensionTwice"],
  "with the SGX extension twice": [
    withPckExtensions(usageOfSigner, sgxExtension(...sgxFields()), sgxExtension(...sgxFields())),
    "ExtensionTwice",
  ],
  "with 17 extensions": [
    withPckExtensions(...Array.from({ length: 17 }, () => extension("551d0e", octets()))),
    "ExtensionsTooMany",
  ],
  "with an extension that says it is not critical": [
    withPckExtensions(sequence(oid(KEY_USAGE), tlv(1, bytes("00")), octets())),
    "ExtensionMalformed",
  ],
  "with a key usage of no bits": [withPckExtensions(critical(KEY_USAGE, bits(0))), "ExtensionMalformed"],
  "with constraints that say FALSE": [
    withPckExtensions(critical(BASIC_CONSTRAINTS, sequence(tlv(1, bytes("00"))))),
    "ExtensionMalformed",
  ],
  "with a path length beyond 255": [
    withPckExtensions(critical(BASIC_CONSTRAINTS, sequence(yes, integer(256)))),
    "ExtensionMalformed",
  ],
  "with more than constraints": [
    withPckExtensions(critical(BASIC_CONSTRAINTS, sequence(yes, integer(1), integer(1)))),
    "ExtensionMalformed",
  ],

  "without the TCB": [withSgxFields(...sgxFields().toSpliced(1, 1)), "PckFieldMissing"],
  "without the PCE id": [withSgxFields(...sgxFields().toSpliced(2, 1)), "PckFieldMissing"],
  "without the FMSPC": [withSgxFields(...sgxFields().toSpliced(3, 1)), "PckFieldMissing"],
  "with the FMSPC twice": [withSgxFields(...sgxFields(), field("04", octets(Buffer.alloc(6)))), "PckFieldTwice"],
  "with an FMSPC of 7 bytes": [withSgxField(3, field("04", octets(Buffer.alloc(7)))), "PckFieldMalformed"],
  "with 13 fields": [withSgxFields(...Array.from({ length: 13 }, () => field("06", octets()))), "PckFieldMalformed"],
  "with a component above 255": [
    withSgxField(1, field("02", sequence(...svnFields({ ...SVNS, components: SVNS.components.with(3, 256) })))),
    "PckFieldMalformed",
  ],
  "with a PCE version above 65535": [
    withSgxField(1, field("02", sequence(...svnFields({ ...SVNS, pceSvn: 65_536 })))),
    "PckFieldMalformed",
  ],
  "with components in another order": [
    withSgxField(1, field("02", sequence(...svnFields(SVNS).toReversed()))),
    "PckFieldMissing",
  ],

  "of which a length is not the shortest": [
    withPck(Buffer.concat([bytes("308300"), certificate(pck).subarray(2)])),
    "DerLength",
  ],
  "of which a length is indefinite": [withPck(bytes("3080300000")), "DerLength"],
  "with a signature of unused bits": [
    withPck(sequence(sequence(), sequence(oid("2a8648ce3d040302")), bits(1, sequence()))),
    "DerLength",
  ],
  "with something behind the certificate": [
    withPck(Buffer.concat([certificate(pck), bytes("00")])),
    "DerTrailingBytes",
  ],
  "with a third number in the signature": [
    withPck(
      sequence(sequence(), sequence(oid("2a8648ce3d040302")), bits(0, sequence(integer(1), integer(1), integer(1)))),
    ),
    "DerTrailingBytes",
  ],
};

export const signerWith = (part: Partial<CertificateSpec>) =>
  signerChain({ ...SPECS, collateralSigner: { ...SPECS.collateralSigner, ...part } });

/** Of signers of collateral. */
export const WRONG_SIGNERS: Record<string, readonly [chain: Buffer, error: string]> = {
  "an authority": [signerWith({ extensions: [usageOfSigner, authorityOf()] }), "NotASigner"],
  "one of another name": [signerWith({ subject: signerOf("SIMULATED SGX TCB Signing 2") }), "NotASigner"],
  "one without a common name": [signerWith({ parts: { subject: sequence() } }), "NotASigner"],
  "one named so by another attribute": [
    signerWith({ parts: { subject: nameOf("55040a", SIGNED_BY.collateralSigner.name) } }),
    "NotASigner",
  ],
  "one with a name that breaks off": [
    signerWith({ parts: { subject: sequence(tlv(0x31, sequence())) } }),
    "DerTruncated",
  ],
  "one that may not sign": [signerWith({ extensions: [noAuthority] }), "NotASigner"],
  "a platform": [signerWith({ extensions: [usageOfSigner, sgxExtension(...sgxFields())] }), "NotASigner"],
  "one that another key issued": [
    signerWith({ issuer: { ...signerOf("somebody"), name: SIGNED_BY.root.name } }),
    "CertificateSignature",
  ],
  "one that expired": [signerWith({ notAfter: START - DAY }), "CertificateExpired"],
  "one with a chain of three": [CHAIN, "ChainTrailingBytes"],
};

/** A name with attributes in this order. */
export function nameOf(...attributes: readonly string[]): Buffer {
  const pairs = attributes.flatMap((id, i) => (i % 2 === 0 ? [[id, attributes[i + 1] ?? ""] as const] : []));
  return sequence(...pairs.map(([id, text]) => tlv(0x31, sequence(oid(id), tlv(0x0c, Buffer.from(text))))));
}
