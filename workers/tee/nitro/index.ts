/** Attestation documents of AWS Nitro Enclaves, read and verified off chain by the rules of the contracts. */
export { type NitroDocument, parseNitroDocument, registerOf } from "./parse-document.ts";
export { AWS_NITRO_ROOT, isSimulatedNitroRoot } from "./root.ts";
export {
  certificatesToRemember,
  checkNitroRules,
  inspectNitroDocument,
  NITRO_RULES,
  type NitroFindings,
  type NitroRule,
  type NitroRulePassed,
  type ToRemember,
  verifyNitroDocument,
  type VerifyNitroParameters,
} from "./verify-document.ts";
export { nitroMeasurement } from "../measure/nitro-measurement.ts";
