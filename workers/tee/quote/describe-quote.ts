import { isEqual } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { readPckExtension } from "../verify/pck-extension.ts";
import { INTEL_ROOT } from "../verify/root.ts";
import { type Certificate, readCertificate } from "../x509/certificate.ts";
import { nameText } from "../x509/name-text.ts";
import { decodePem, endOfPem } from "../x509/pem.ts";
import {
  certificateFields,
  codeOr,
  type Described,
  type DescribedFields,
  type EvidenceDescription,
  validityWarnings,
} from "./describe.ts";
import { isDebug, isSgxDebug, measurementOf } from "./measurement.ts";
import type { Quote, QuoteHeader } from "./parse-quote.ts";
import type { Report } from "./report.ts";

/** What a quote says. Nothing of it is verified; `now` is in seconds since 1970. */
export function describeQuote(quote: Quote, now: number): EvidenceDescription {
  const certificates = certificatesIn(quote.chain);
  return {
    fields: {
      header: headerFields(quote.header),
      body: reportFields(quote.body),
      signature: quote.signature,
      attestationKey: quote.attestationKey,
      qeReport: reportFields(quote.qeReport),
      qeSignature: quote.qeSignature,
      authData: quote.authData,
      certificates: certificates.map((found) => (found instanceof TeeError ? found.code : platformFields(found))),
      padding: quote.padding,
    },
    measurement: measurementOf(quote.body),
    warnings: warningsOf(quote, certificates, now),
  };
}

function headerFields({ version, attestationKeyType, teeType, qeSvn, pceSvn, vendor, userData }: QuoteHeader) {
  return { version, attestationKeyType, teeType, qeSvn, pceSvn, vendor, userData };
}

function reportFields(report: Report): DescribedFields {
  return Object.fromEntries(Object.entries(report).filter(([name]) => name !== "bytes"));
}

function platformFields(certificate: Certificate): DescribedFields {
  const { sgx } = certificate.extensions;
  return { ...certificateFields(certificate), ...(sgx !== null && { sgxExtension: sgxFields(certificate, sgx) }) };
}

function sgxFields({ der }: Certificate, { from, to }: { readonly from: number; readonly to: number }): Described {
  const found = codeOr(() => readPckExtension(der, from, to));
  if (found instanceof TeeError) return found.code;
  const { fmspc, pceId, pceSvn, componentSvns } = found;
  return { fmspc, pceId, pceSvn, componentSvns };
}

/** The certificates of a chain as far as they can be told apart; the error of one that cannot be read. */
function certificatesIn(chain: Uint8Array): (Certificate | TeeError)[] {
  const found: (Certificate | TeeError)[] = [];
  for (let pos = 0; pos < chain.length && chain[pos] !== 0;) {
    const from = pos;
    const end = codeOr(() => endOfPem(chain, from));
    if (end instanceof TeeError) return [...found, end];
    found.push(codeOr(() => readCertificate(decodePem(chain.subarray(from, end)))));
    pos = end;
  }
  return found;
}

function warningsOf(quote: Quote, certificates: readonly (Certificate | TeeError)[], now: number): string[] {
  const root = certificates.at(-1);
  const warnings: string[] = [];
  if (root === undefined || root instanceof TeeError) warnings.push("its last certificate cannot be read");
  else if (!isEqual(root.point, INTEL_ROOT))
    warnings.push(
      `SIMULATED or foreign: the root is not Intel's but "${nameText(root.subject)}": it shows no hardware`,
    );
  if (isDebug(quote.body)) warnings.push("DEBUG: the code can be read and changed from outside");
  if (isSgxDebug(quote.qeReport)) warnings.push("DEBUG: the quoting enclave can be read and changed from outside");
  return [...warnings, ...validityWarnings(certificates, now)];
}
