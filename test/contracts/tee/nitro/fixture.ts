import { readFileSync } from "node:fs";

import { keccak256 } from "ethers";
import { network } from "hardhat";

import { extension } from "../../../../workers/tee/development/authority.ts";
import { integer, name, sequence, time, tlv } from "../../../../workers/tee/development/der.ts";
import {
  ECDSA_WITH_SHA384,
  nitroCertificate,
  nitroDocument,
  type NitroDocumentSpec,
  type NitroSigner,
  nitroSignersOf,
  type NitroSpecs,
  nitroSpecsOf,
  signed384,
} from "../../../../workers/tee/development/nitro.ts";
import { type Callable, callOutcome } from "../call-outcome.ts";
import { chainClock } from "../chain-clock.ts";

export const START = Date.UTC(2026, 0, 15) / 1000;
export const DAY = 86_400;
export const MAX_AGE = 30 * DAY;
export const SECRET = `0x${"17".repeat(32)}` as const;
export const SIGNERS = nitroSignersOf(SECRET);
export const SPECS = nitroSpecsOf(SIGNERS, { notBefore: START - DAY, notAfter: START + DAY });
export const ROOT = nitroCertificate(SPECS.root);
export const REGION = nitroCertificate(SPECS.region);
export const ZONE = nitroCertificate(SPECS.zone);
export const INSTANCE = nitroCertificate(SPECS.instance);
export const ENCLAVE = nitroCertificate(SPECS.enclave);

export type Chain = Awaited<ReturnType<typeof startChain>>;

/** A chain of which the clock starts at a time in seconds. */
export const startChain = (time: number, hardfork: "osaka" | "prague" = "osaka") =>
  network.create({ override: { hardfork, initialDate: new Date(time * 1000) } });

export const connection = await startChain(START);
export const { ethers, networkHelpers } = connection;

/** The contracts under a root, with no other certificate. */
export async function deployUnder(root: Uint8Array, chain: Chain = connection) {
  const [admin, stranger] = await chain.ethers.getSigners();
  if (!admin || !stranger) throw new Error("too few accounts");
  const manager = await chain.ethers.deployContract("AccessManager", [admin]);
  const p384 = await chain.ethers.deployContract("P384");
  const certificates = await chain.ethers.deployContract("NitroCertificates", [manager, p384, root]);
  const verifier = await chain.ethers.deployContract("NitroQuoteVerifier", [certificates, p384, MAX_AGE]);
  return { admin, stranger, manager, p384, certificates, verifier };
}

export type Contracts = Awaited<ReturnType<typeof deployUnder>>;

export const bare = () => deployUnder(ROOT);

/** With all certificates of the development platform remembered. */
export async function remembered(chain: Chain = connection) {
  const base = await deployUnder(ROOT, chain);
  await rememberAll(base, [REGION, ZONE, INSTANCE, ENCLAVE]);
  return base;
}

/** Remembers certificates, each below the one before and the first below the root. */
export async function rememberAll({ certificates }: Contracts, chain: readonly Uint8Array[]): Promise<string> {
  let issuer = await certificates.ROOT();
  for (const certificate of chain) {
    await certificates.remember(certificate, issuer);
    issuer = idOf(certificate);
  }
  return issuer;
}

/** What a certificate is known by: the hash of its first part, of which the length takes two bytes. */
export function idOf(certificate: Uint8Array): string {
  const length = 4 + ((certificate[6] ?? 0) << 8) + (certificate[7] ?? 0);
  return keccak256(certificate.slice(4, 4 + length));
}

export const pcr = (value: number) => Buffer.alloc(48, value);
export const REPORT_DATA = Buffer.from(Array.from({ length: 64 }, (_, i) => i + 1));

export const DOCUMENT: NitroDocumentSpec = {
  bundle: [ROOT, REGION, ZONE, INSTANCE],
  certificate: ENCLAVE,
  signer: SIGNERS.enclave,
  timestamp: START * 1000,
  pcrs: { 0: pcr(1), 1: pcr(2), 2: pcr(3), 3: pcr(4), 4: pcr(5) },
  userData: REPORT_DATA,
};
export const document = (change: Partial<NitroDocumentSpec> = {}) => nitroDocument({ ...DOCUMENT, ...change });
export const certificate = (which: keyof NitroSpecs, change: Partial<NitroSpecs["root"]>) =>
  nitroCertificate({ ...SPECS[which], ...change });

/** A revocation list; without serial numbers the list of entries is left out, as DER wants it. */
export function revocationList(
  issuer: NitroSigner,
  serials: readonly bigint[],
  { version = 1, extensions = [extension("551d14", integer(1))], name: of = issuer.name } = {},
): Buffer {
  const entries = serials.map((serial) => sequence(integer(serial), time(START)));
  const list = sequence(
    integer(version),
    ECDSA_WITH_SHA384,
    name(of),
    time(START),
    time(START + DAY),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    tlv(0xa0, sequence(...extensions)),
  );
  return signed384(list, issuer);
}

const fixtures = new URL("../../../fixtures/nitro/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, fixtures));

export const AWS_ROOT = read("aws-root.der");

/** Documents that hardware of AWS signed, and a time in seconds at which their certificates were valid. */
export const REAL_DOCUMENTS = {
  production: { document: read("us-east-1-2026.bin"), time: Date.UTC(2026, 0, 3, 20, 45) / 1000 },
  debug: { document: read("debug-2024.bin"), time: Date.UTC(2024, 10, 14, 23, 50) / 1000 },
};

export const { passTimeUntil, goBackInTime } = chainClock(networkHelpers);

/** The most that a transaction may have. */
const CALL_GAS = 16_777_216;

/** The name of the typed error by which a call fails, or "passes". */
export function outcome(base: Contracts, to: Callable, method: string, ...args: readonly unknown[]) {
  const contracts = [base.certificates, base.verifier];
  return callOutcome({ provider: connection.provider, contracts, gas: CALL_GAS }, to, method, args);
}
