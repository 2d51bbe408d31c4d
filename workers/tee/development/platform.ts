import {
  authorityOf,
  certificate,
  type CertificateSpec,
  extension,
  noAuthority,
  type RootSecret,
  SGX_EXTENSION,
  type Signer,
  signerOf,
  usageOfAuthority,
  usageOfSigner,
} from "./authority.ts";
import { integer, octets, oid, pem, sequence, tlv } from "./der.ts";

/** Who signs what on a development platform. */
export interface Signers {
  readonly root: Signer;
  readonly platformCa: Signer;
  readonly pck: Signer;
  readonly collateralSigner: Signer;
  /** Of the quoting enclave; it has no certificate. */
  readonly attestation: Signer;
}

export const signersOf = (rootSecret: RootSecret): Signers => ({
  root: signerOf(rootSecret, "SIMULATED SGX Root CA"),
  platformCa: signerOf(rootSecret, "SIMULATED SGX PCK Platform CA"),
  pck: signerOf(rootSecret, "SIMULATED SGX PCK Certificate"),
  collateralSigner: signerOf(rootSecret, "SIMULATED SGX TCB Signing"),
  attestation: signerOf(rootSecret, "SIMULATED attestation key"),
});

export interface PlatformSvns {
  readonly components: readonly number[];
  readonly pceSvn: number;
  /** Hexadecimal. */
  readonly fmspc: string;
  readonly pceId: string;
}

export const SVNS: PlatformSvns = {
  components: [6, 6, 2, 2, 3, 1, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0],
  pceSvn: 300,
  fmspc: "00806f050000",
  pceId: "0000",
};

const TCB = `${SGX_EXTENSION}02`;
export const field = (id: string, value: Uint8Array) => sequence(oid(`${SGX_EXTENSION}${id}`), value);
export const svnFields = ({ components, pceSvn }: PlatformSvns) =>
  [...components, pceSvn].map((svn, i) => sequence(oid(TCB + (i + 1).toString(16).padStart(2, "0")), integer(svn)));

/** The fields of the SGX extension in Intel's order. */
export function sgxFields(svns: PlatformSvns = SVNS): Buffer[] {
  const cpuSvn = sequence(oid(`${TCB}12`), octets(Buffer.from(svns.components)));
  return [
    field("01", octets(Buffer.alloc(16, 0x11))),
    field("02", sequence(...svnFields(svns), cpuSvn)),
    field("03", octets(Buffer.from(svns.pceId, "hex"))),
    field("04", octets(Buffer.from(svns.fmspc, "hex"))),
    field("05", tlv(0x0a, Buffer.from([1]))),
    field("06", octets(Buffer.alloc(16, 0x22))),
  ];
}

export const sgxExtension = (...fields: readonly Uint8Array[]) => extension(SGX_EXTENSION, sequence(...fields));

export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The specifications of the development certificates, to be changed where a test wants them wrong. */
export function specsOf(signers: Signers, validity: Validity) {
  const root: CertificateSpec = {
    ...validity,
    subject: signers.root,
    issuer: signers.root,
    serial: signers.root.serial,
    extensions: [usageOfAuthority, authorityOf(1)],
  };
  const platformCa: CertificateSpec = {
    ...root,
    subject: signers.platformCa,
    serial: signers.platformCa.serial,
    extensions: [usageOfAuthority, authorityOf(0)],
  };
  const pck: CertificateSpec = {
    ...validity,
    subject: signers.pck,
    issuer: signers.platformCa,
    serial: signers.pck.serial,
    extensions: [usageOfSigner, noAuthority, sgxExtension(...sgxFields())],
  };
  const collateralSigner: CertificateSpec = {
    ...root,
    subject: signers.collateralSigner,
    serial: signers.collateralSigner.serial,
    extensions: [usageOfSigner, noAuthority],
  };
  return { root, platformCa, pck, collateralSigner };
}

export type Specs = ReturnType<typeof specsOf>;

export const chainOf = (...specs: readonly CertificateSpec[]) =>
  Buffer.concat(specs.map((spec) => pem(certificate(spec))));
export const pckChain = ({ pck, platformCa, root }: Specs) => chainOf(pck, platformCa, root);
export const signerChain = ({ collateralSigner, root }: Specs) => chainOf(collateralSigner, root);
