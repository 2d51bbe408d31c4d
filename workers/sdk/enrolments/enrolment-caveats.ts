import type { EnrolmentFindings } from "./check-enrolment.ts";

const TRUST_MAKER = "The enclave's hardware maker and the measured code are trusted.";
const SIMULATED = "The enclave was simulated: a development root signed its quote, and no isolation is proven.";

const AS_SHOWN =
  "A certificate of AWS counts as revoked only if the chain had been shown so when the enclave enrolled.";
const NOT_SHOWN = "Whether a certificate of AWS had been revoked is not shown.";

/** What is not proven about an enclave's signature, in words. */
export function enclaveCaveats(simulated: boolean): string[] {
  return simulated ? [TRUST_MAKER, SIMULATED] : [TRUST_MAKER];
}

/** And what its quote leaves open. */
export function enrolmentCaveats(findings: EnrolmentFindings): string[] {
  const caveats = enclaveCaveats(findings.simulated);
  if (findings.kind === "nitro") return [...caveats, findings.trustKnown ? AS_SHOWN : NOT_SHOWN];
  const { status, byCollateral, listsCurrent } = findings;
  if (status !== "UpToDate") caveats.push(`The platform's TCB status was ${status} when it enrolled.`);
  if (!byCollateral) caveats.push("An administrator's minimum stood in for the maker's lists of versions.");
  if (!listsCurrent) caveats.push("No current revocation lists were there when the enclave enrolled.");
  return caveats;
}
