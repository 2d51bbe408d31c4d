/** What a DCAP quote is held to, in the order in which it is. */
export const RULES = {
  layout: "the quote has a known layout, and all lengths agree",
  chain: "it holds three certificates in PEM and nothing after them",
  root: "the last certificate is the pinned root",
  authority: "the root issued the certificate of the platform authority",
  pck: "the authority issued the certificate of the platform (PCK)",
  dates: "all certificates are valid at the time in question",
  revocation: "none of the certificates was revoked",
  quotingEnclaveSignature: "the platform signed the report of its quoting enclave",
  attestationKey: "the quoting enclave vouches for the attestation key",
  quoteSignature: "the attestation key signed the quote",
  quotingEnclaveProduction: "the quoting enclave cannot be debugged",
  platformTcb: "the platform's security versions are known",
  quotingEnclave: "the quoting enclave is the one that Intel describes",
  status: "the TCB status is an accepted one",
  lists: "revocation lists of both issuers are current",
  production: "the code that runs cannot be debugged",
} as const;

export type Rule = keyof typeof RULES;

export interface RulePassed {
  readonly rule: Rule;
  /** What was found, for people. */
  readonly found: string;
}
