/** Evidence of hardware, read and verified off chain by the rules of the contracts. */
export { TeeError, type TeeErrorCode } from "./error.ts";
export { isDebug, measurementOf } from "./quote/measurement.ts";
export { parseQuote, type Quote, type QuoteHeader } from "./quote/parse-quote.ts";
export type { Report, SgxReport, TdReport } from "./quote/report.ts";
export { Collateral, type SignedText } from "./verify/collateral.ts";
export { type MinimumTcb, type Policy, STRICT_POLICY } from "./verify/policy.ts";
export { INTEL_ROOT, isSimulatedRoot, type RootKey } from "./verify/root.ts";
export { type Rule, type RulePassed, RULES } from "./verify/rules.ts";
export { TCB_STATUSES, type TcbStatus } from "./verify/tcb-status.ts";
export {
  checkRules,
  type QuoteFindings,
  type QuoteStanding,
  quoteStanding,
  verifyQuote,
  type VerifyQuoteParameters,
} from "./verify/verify-quote.ts";
