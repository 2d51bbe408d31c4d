import type {
  AbiParametersToPrimitiveTypes,
  AbiStateMutability,
  ExtractAbiFunction,
  ExtractAbiFunctionNames,
} from "abitype";
import { Interface } from "ethers";

import { certificateStoreAbi } from "./abi/certificate-store.ts";
import { collateralRegistryAbi } from "./abi/collateral-registry.ts";
import { dcapQuoteVerifierAbi } from "./abi/dcap-quote-verifier.ts";
import { enclaveRegistryAbi } from "./abi/enclave-registry.ts";
import { groth16VerifierAbi } from "./abi/groth16-verifier.ts";
import { inferenceMarketAbi } from "./abi/inference-market.ts";
import { modelRegistryAbi } from "./abi/model-registry.ts";
import { nitroCertificatesAbi } from "./abi/nitro-certificates.ts";
import { nitroQuoteVerifierAbi } from "./abi/nitro-quote-verifier.ts";
import { paymentChannelsAbi } from "./abi/payment-channels.ts";
import { receiptAnchorsAbi } from "./abi/receipt-anchors.ts";
import { teeVerifierAbi } from "./abi/tee-verifier.ts";
import { workerRegistryAbi } from "./abi/worker-registry.ts";
import type {} from "./register.ts";

/** The ABI of each contract of a deployment, under the deployment's name for it. */
export const CONTRACT_ABIS = {
  modelRegistry: modelRegistryAbi,
  workerRegistry: workerRegistryAbi,
  market: inferenceMarketAbi,
  receiptAnchors: receiptAnchorsAbi,
  paymentChannels: paymentChannelsAbi,
  enclaveRegistry: enclaveRegistryAbi,
  groth16Verifier: groth16VerifierAbi,
  teeVerifier: teeVerifierAbi,
} as const;

export type ContractName = keyof typeof CONTRACT_ABIS;

/** And of those that a deployment's contracts name. */
const ABIS = {
  ...CONTRACT_ABIS,
  dcapQuoteVerifier: dcapQuoteVerifierAbi,
  collateralRegistry: collateralRegistryAbi,
  certificateStore: certificateStoreAbi,
  nitroQuoteVerifier: nitroQuoteVerifierAbi,
  nitroCertificates: nitroCertificatesAbi,
} as const;

export type AbiName = keyof typeof ABIS;
type AbiOf<C extends AbiName> = (typeof ABIS)[C];

export type FunctionName<
  C extends AbiName,
  M extends AbiStateMutability = AbiStateMutability,
> = ExtractAbiFunctionNames<AbiOf<C>, M>;
export type ReadName<C extends AbiName> = FunctionName<C, "view" | "pure">;
export type WriteName<C extends AbiName> = FunctionName<C, "nonpayable" | "payable">;

/** The arguments of a function as a tuple; structs are plain objects. */
export type Arguments<C extends AbiName, F extends FunctionName<C>> = AbiParametersToPrimitiveTypes<
  ExtractAbiFunction<AbiOf<C>, F>["inputs"],
  "inputs"
>;

type Outputs<C extends AbiName, F extends FunctionName<C>> = AbiParametersToPrimitiveTypes<
  ExtractAbiFunction<AbiOf<C>, F>["outputs"],
  "outputs"
>;

/** Nothing, the only value, or a tuple of all values. */
export type Returned<C extends AbiName, F extends FunctionName<C>> =
  Outputs<C, F> extends readonly [] ? undefined : Outputs<C, F> extends readonly [infer Only] ? Only : Outputs<C, F>;

// Parsing an ABI takes milliseconds, so each is parsed once, when first used.
const interfaces = new Map<AbiName, Interface>();

export function interfaceOf(contract: AbiName): Interface {
  const known = interfaces.get(contract);
  if (known !== undefined) return known;
  const parsed = new Interface(ABIS[contract]);
  interfaces.set(contract, parsed);
  return parsed;
}
