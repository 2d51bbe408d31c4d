/**
 * A SIMULATED platform of AWS Nitro Enclaves: certificates and attestation documents, byte for byte of the form that AWS
 * gives them, but signed by keys that follow from a secret which anybody may know. Every line of the verifiers runs on
 * them; they prove no isolation, and the chain marks what enrols by them as simulated.
 */
import { p384 } from "@noble/curves/nist.js";
import { encode } from "cborg";
import { concat, dataSlice, getBytes, keccak256, toBeHex, toUtf8Bytes } from "ethers";

import {
  authorityOf,
  critical,
  extension,
  KEY_USAGE,
  noAuthority,
  type RootSecret,
  usageOfAuthority,
} from "./authority.ts";
import { bits, integer, name, oid, sequence, time, tlv } from "./der.ts";

/** A P-384 key under a name. */
export interface NitroSigner {
  readonly name: string;
  readonly secret: Uint8Array;
  /** Both coordinates, 96 bytes. */
  readonly point: Uint8Array;
  /** Of its certificate. */
  readonly serial: bigint;
}

/** The key that a root secret gives to a name: always the same. */
export function nitroSignerOf(rootSecret: RootSecret, name: string): NitroSigner {
  const seed = keccak256(concat([rootSecret, toUtf8Bytes(`development key on P-384 of ${name}`)]));
  const wide = BigInt(concat([seed, keccak256(seed)]));
  const secret = getBytes(toBeHex((wide % (p384.Point.Fn.ORDER - 1n)) + 1n, 48));
  const serial = BigInt(dataSlice(keccak256(seed), 0, 16)) | 1n;
  return { name, secret, point: p384.getPublicKey(secret, false).slice(1), serial };
}

/** r and s over the SHA-384 of a message, s in whichever half it falls, as hardware makes it. */
export function sign384(message: Uint8Array, { secret }: NitroSigner): Uint8Array {
  return p384.sign(message, secret, { prehash: true, lowS: false, format: "compact" });
}

/** The other signature of the same message: s is replaced by the order less s. */
export function flipped384(signature: Uint8Array): Uint8Array {
  const { r, s } = p384.Signature.fromBytes(signature, "compact");
  return new p384.Signature(r, p384.Point.Fn.ORDER - s).toBytes("compact");
}

export interface NitroCertificateSpec {
  readonly subject: NitroSigner;
  readonly issuer: NitroSigner;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Uint8Array[];
  /** Parts to put in the place of what the rest says. */
  readonly parts?: Partial<Record<keyof ReturnType<typeof nitroPartsOf>, Uint8Array>>;
  /** Another signature than the one that the issuer makes. */
  readonly signature?: (valid: Uint8Array) => Uint8Array;
}

export const ECDSA_WITH_SHA384 = sequence(oid("2a8648ce3d040303"));
const ISSUES_CERTIFICATES = critical(KEY_USAGE, bits(2, Buffer.from([0x04])));
const SIGNS = extension(KEY_USAGE, bits(6, Buffer.from([0xc0])));

export function nitroPartsOf(spec: Omit<NitroCertificateSpec, "parts">) {
  const algorithm = sequence(oid("2a8648ce3d0201"), oid("2b81040022"));
  return {
    version: tlv(0xa0, integer(2)),
    serial: integer(spec.subject.serial),
    algorithm: ECDSA_WITH_SHA384,
    issuer: name(spec.issuer.name),
    validity: sequence(time(spec.notBefore), time(spec.notAfter)),
    subject: name(spec.subject.name),
    key: sequence(algorithm, bits(0, Buffer.from([4]), spec.subject.point)),
    extensions: tlv(0xa3, sequence(...spec.extensions)),
  };
}

/** A certificate in DER. */
export function nitroCertificate(spec: NitroCertificateSpec): Buffer {
  const { version, serial, algorithm, issuer, validity, subject, key, extensions } = {
    ...nitroPartsOf(spec),
    ...spec.parts,
  };
  const content = sequence(version, serial, algorithm, issuer, validity, subject, key, extensions);
  return signed384(content, spec.issuer, spec.signature);
}

/** What is signed, the algorithm and the signature in a sequence. */
export function signed384(
  content: Uint8Array,
  issuer: NitroSigner,
  signature = (valid: Uint8Array): Uint8Array => valid,
): Buffer {
  const { r, s } = numbersOf(signature(sign384(content, issuer)));
  return sequence(content, ECDSA_WITH_SHA384, bits(0, sequence(integer(r), integer(s))));
}

/** The names are in the order of the chain. */
export function nitroSignersOf(rootSecret: RootSecret) {
  const named = (what: string) => nitroSignerOf(rootSecret, `SIMULATED aws.nitro-enclaves ${what}`);
  return {
    root: named("root"),
    region: named("region"),
    zone: named("zone"),
    instance: named("instance"),
    enclave: named("enclave"),
  };
}

export type NitroSigners = ReturnType<typeof nitroSignersOf>;

/** The specifications of the certificates, to be changed where a test wants them wrong. */
export function nitroSpecsOf(
  signers: NitroSigners,
  validity: { readonly notBefore: number; readonly notAfter: number },
) {
  const { root, region, zone, instance, enclave } = signers;
  const authority = (subject: NitroSigner, issuer: NitroSigner, pathLength?: number): NitroCertificateSpec => ({
    ...validity,
    subject,
    issuer,
    extensions: [authorityOf(pathLength), usageOfAuthority],
  });
  const ofInstance: NitroCertificateSpec = {
    ...validity,
    subject: instance,
    issuer: zone,
    extensions: [authorityOf(0), ISSUES_CERTIFICATES],
  };
  const ofEnclave: NitroCertificateSpec = {
    ...validity,
    subject: enclave,
    issuer: instance,
    extensions: [noAuthority, SIGNS],
  };
  return {
    root: authority(root, root),
    region: authority(region, root, 2),
    zone: authority(zone, region, 1),
    instance: ofInstance,
    enclave: ofEnclave,
  };
}

export type NitroSpecs = ReturnType<typeof nitroSpecsOf>;

export interface NitroDocumentSpec {
  /** The certificates of the authorities, from the root on, and the one of the signer, in DER. */
  readonly bundle: readonly Uint8Array[];
  readonly certificate: Uint8Array;
  readonly signer: NitroSigner;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** 48 bytes each; those that are left out are zero, as 5 to 15 are with AWS. */
  readonly pcrs: Readonly<Record<number, Uint8Array>>;
  readonly userData: Uint8Array | null;
  /** Fields to put in the place of what the rest says. */
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly protectedHeader?: Uint8Array;
  readonly isTagged?: boolean;
  /** With the end of the map marked instead of its length written, as later hardware does. */
  readonly isIndefinite?: boolean;
  readonly signature?: (valid: Uint8Array) => Uint8Array;
  /** Another payload than the one of the fields. */
  readonly payload?: (valid: Uint8Array) => Uint8Array;
}

const PCR_COUNT = 16;
const COSE_SIGN1 = 0xd2;
const ES384 = encode(new Map([[1, -35]]));

/** An attestation document as hardware would make it. */
export function nitroDocument(spec: NitroDocumentSpec): Buffer {
  const pcrs = new Map(Array.from({ length: PCR_COUNT }, (_, i) => [i, spec.pcrs[i] ?? new Uint8Array(48)]));
  const fields = new Map<string, unknown>(
    Object.entries({
      module_id: "i-00000000000000000-enc0000000000000000",
      digest: "SHA384",
      timestamp: spec.timestamp,
      pcrs,
      certificate: spec.certificate,
      cabundle: spec.bundle,
      public_key: null,
      user_data: spec.userData,
      nonce: null,
      ...spec.fields,
    }),
  );
  const map = inOrder(fields);
  const valid =
    spec.isIndefinite === true ? Buffer.concat([Buffer.from([0xbf]), map.subarray(1), Buffer.from([0xff])]) : map;
  const payload = spec.payload?.(valid) ?? valid;
  const header = spec.protectedHeader ?? ES384;
  const signed = sign384(inOrder(["Signature1", header, new Uint8Array(0), payload]), spec.signer);
  const parts = inOrder([header, new Map(), payload, spec.signature?.(signed) ?? signed]);
  return Buffer.concat([Buffer.from(spec.isTagged === true ? [COSE_SIGN1] : []), parts]);
}

export interface DevelopmentNitro {
  /** The certificate of the root in DER, as the constructor of `NitroCertificates` takes it. */
  readonly root: Uint8Array;
  /** A document for 64 bytes of report data, made now: `now` is in seconds. */
  document(asked: {
    readonly reportData: Uint8Array;
    readonly now: number;
    readonly pcrs: Readonly<Record<number, Uint8Array>>;
  }): Uint8Array;
}

/** Everything follows from the secret, so that two processes that know it have the same platform. */
export function developmentNitro(rootSecret: RootSecret): DevelopmentNitro {
  const signers = nitroSignersOf(rootSecret);
  const lifetime = { notBefore: Date.UTC(2020, 0) / 1000, notAfter: Date.UTC(2049, 11, 31) / 1000 };
  const specs = nitroSpecsOf(signers, lifetime);
  const [root, ...others] = [specs.root, specs.region, specs.zone, specs.instance].map(nitroCertificate);
  if (root === undefined) throw new RangeError("there are four authorities");
  const certificate = nitroCertificate(specs.enclave);
  return {
    root: getBytes(root),
    document: ({ reportData, now, pcrs }) =>
      getBytes(
        nitroDocument({
          bundle: [root, ...others],
          certificate,
          signer: signers.enclave,
          timestamp: now * 1000,
          pcrs,
          userData: reportData,
          isIndefinite: true,
        }),
      ),
  };
}

/** Maps keep the order in which they were made. */
function inOrder(value: unknown): Uint8Array {
  return encode(value, { mapSorter: () => 0 });
}

function numbersOf(signature: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  return { r: number(signature.slice(0, 48)), s: number(signature.slice(48)) };
}
