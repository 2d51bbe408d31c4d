import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";

import { hex } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { isDebug, isSgxDebug, measurementOf } from "../quote/measurement.ts";
import { parseQuote, type Quote } from "../quote/parse-quote.ts";
import { isSignedBy } from "../x509/p256-signature.ts";
import { assessPlatform, assessQuotingEnclave } from "./assess.ts";
import { openAuthority, openPlatform, openRoot, type Platform, requireValidAt, splitChain } from "./chain.ts";
import type { Collateral } from "./collateral.ts";
import type { RulePassed } from "./rules.ts";
import { type TcbStatus, together } from "./tcb-status.ts";

/** Everything that was found out about a quote. Byte strings in hexadecimal with 0x, times in seconds since 1970. */
export interface QuoteFindings {
  readonly version: 3 | 4 | 5;
  readonly isTdx: boolean;
  /** One hash for the code that runs and its configuration. */
  readonly measurement: string;
  /** The 64 bytes that the code chose. */
  readonly reportData: string;
  readonly status: TcbStatus;
  /** Intel's names of what is to be known about the platform's TCB level. */
  readonly advisories: readonly string[];
  readonly fmspc: string;
  readonly pckSerial: bigint;
  /** True if Intel's own lists decided; false if a minimum of the policy did, for a part at least. */
  readonly byCollateral: boolean;
  /** True if current revocation lists of both issuers were there. */
  readonly listsCurrent: boolean;
  /** Until when it counts if it is shown now. */
  readonly validUntil: number;
  /** The root is not Intel's: nothing shows that there is hardware. */
  readonly simulated: boolean;
}

export interface VerifyQuoteParameters {
  /** With it come the root and the policy. */
  readonly collateral: Collateral;
  /** Seconds since 1970: the time at which the quote must hold. */
  readonly now: number;
}

/**
 * Verifies a DCAP quote by the rules of the contracts, in their order: the same quote gets the same verdict. Throws a
 * `TeeError` of which the code is the name of the contracts' error.
 *
 * A quote has no date. Who needs a fresh one must have it bind something fresh in its report data.
 */
export function verifyQuote(quote: Uint8Array, parameters: VerifyQuoteParameters): QuoteFindings {
  const rules = checkRules(quote, parameters);
  for (;;) {
    const step = rules.next();
    if (step.done) return step.value;
  }
}

/** What has become of a quote that was verified before, as the contracts' `standingOf` tells it. */
export type QuoteStanding = "Good" | "Outdated" | "Revoked";

/** Throws what `verifyQuote` throws where a quote is none of the three, such as one of which a certificate ran out. */
export function quoteStanding(quote: Uint8Array, parameters: VerifyQuoteParameters): QuoteStanding {
  try {
    verifyQuote(quote, parameters);
    return "Good";
  } catch (error) {
    if (!(error instanceof TeeError)) throw error;
    const { code, details } = error;
    if (code === "CertificateRevoked") return "Revoked";
    if (code === "TcbStatusRefused") return details.status === "Revoked" ? "Revoked" : "Outdated";
    if (code === "BelowMinimum" || code === "QuotingEnclaveUnknown" || code === "TdxModuleUnknown") return "Outdated";
    throw error;
  }
}

/** As `verifyQuote`, one rule at a time; what throws is the rule after the last one that passed. */
export function* checkRules(
  bytes: Uint8Array,
  { collateral, now }: VerifyQuoteParameters,
): Generator<RulePassed, QuoteFindings> {
  const quote = parseQuote(bytes);
  const isTdx = quote.body.kind !== "sgx";
  yield { rule: "layout", found: `${isTdx ? "TDX" : "SGX"}, version ${quote.header.version}, ${bytes.length} bytes` };
  const { platform, listsUntil } = yield* checkPlatform(quote, collateral, now);
  yield* checkSignatures(quote, platform);

  if (isSgxDebug(quote.qeReport)) throw new TeeError("QuotingEnclaveDebug");
  yield { rule: "quotingEnclaveProduction", found: `attributes ${hex(quote.qeReport.attributes)}` };
  const ofPlatform = assessPlatform(platform.tcb, quote, collateral, now);
  yield { rule: "platformTcb", found: describe(ofPlatform) };
  const ofEnclave = assessQuotingEnclave(quote, collateral, now);
  yield { rule: "quotingEnclave", found: describe(ofEnclave) };
  const { acceptedStatuses, listsRequired, maxAge } = collateral.policy;
  const status = together(ofPlatform.status, ofEnclave.status);
  if (!acceptedStatuses.includes(status)) throw new TeeError("TcbStatusRefused", { status });
  yield { rule: "status", found: `${status}; accepted: ${acceptedStatuses.join(", ")}` };

  const listsCurrent = listsUntil >= now;
  if (listsRequired && !listsCurrent) throw new TeeError("ListsNotCurrent", { listsUntil });
  yield { rule: "lists", found: listsCurrent ? `current until ${iso(listsUntil)}` : "not current, and not required" };
  if (isDebug(quote.body)) throw new TeeError("DebugEnclave");
  yield { rule: "production", found: "not under debug" };

  const ends = [now + maxAge, platform.notAfter, ofPlatform.until, ofEnclave.until];
  return {
    version: quote.header.version,
    isTdx,
    measurement: measurementOf(quote.body),
    reportData: hex(quote.body.reportData),
    status,
    advisories: ofPlatform.advisories,
    fmspc: hex(platform.tcb.fmspc),
    pckSerial: platform.serial,
    byCollateral: ofPlatform.byCollateral && ofEnclave.byCollateral,
    listsCurrent,
    validUntil: Math.min(...ends, ...(listsRequired ? [listsUntil] : [])),
    simulated: collateral.isSimulated,
  };
}

interface Vouched {
  readonly platform: Platform;
  /** Until when the revocation lists of both issuers are current; zero if one is missing. */
  readonly listsUntil: number;
}

function* checkPlatform(quote: Quote, collateral: Collateral, now: number): Generator<RulePassed, Vouched> {
  const chain = splitChain(quote.chain);
  yield { rule: "chain", found: `${quote.chain.length} bytes of PEM` };
  const root = openRoot(chain.root, collateral.root, collateral.signatures);
  yield { rule: "root", found: collateral.isSimulated ? "a development root: SIMULATED" : "Intel SGX Root CA" };
  const authority = openAuthority(chain.authority, root, collateral.signatures);
  yield { rule: "authority", found: `serial ${authority.serial.toString(16)}` };
  const platform = openPlatform(chain.leaf, authority, collateral.signatures);
  yield { rule: "pck", found: `serial ${platform.serial.toString(16)}, FMSPC ${hex(platform.tcb.fmspc)}` };
  requireValidAt(platform, now);
  yield { rule: "dates", found: `${iso(platform.notBefore)} to ${iso(platform.notAfter)}` };
  collateral.requireNotRevoked(root, authority);
  collateral.requireNotRevoked(authority, platform);
  yield { rule: "revocation", found: "neither the authority's nor the platform's certificate" };
  return { platform, listsUntil: Math.min(collateral.listUntil(root), collateral.listUntil(authority)) };
}

/** The PCK signs the quoting enclave's report, that vouches for the attestation key, and this signs the quote. */
function* checkSignatures(quote: Quote, { point }: Platform): Generator<RulePassed, void> {
  const { qeReport, qeSignature, attestationKey, authData, signed, signature } = quote;
  if (!isSignedBy(point, sha256(qeReport.bytes), qeSignature)) throw new TeeError("QuotingEnclaveSignature");
  yield { rule: "quotingEnclaveSignature", found: `MRENCLAVE ${hex(qeReport.mrEnclave)}` };
  const needed = concatBytes(sha256(concatBytes(attestationKey, authData)), new Uint8Array(32));
  const had = qeReport.reportData;
  if (hex(had) !== hex(needed)) throw new TeeError("AttestationKeyMismatch", { had: hex(had), needed: hex(needed) });
  yield { rule: "attestationKey", found: `with ${authData.length} bytes of other data` };
  if (!isSignedBy(attestationKey, sha256(signed), signature)) throw new TeeError("QuoteSignature");
  yield { rule: "quoteSignature", found: `over ${signed.length} bytes` };
}

function describe({ status, byCollateral, until, advisories }: ReturnType<typeof assessPlatform>): string {
  const source = byCollateral ? "by Intel's list" : "by the policy's minimum";
  const known = advisories.length === 0 ? "" : ` (${advisories.join(", ")})`;
  return `${status}${known} ${source}, until ${iso(until)}`;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
