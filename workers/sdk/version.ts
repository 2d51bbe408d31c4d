import { AbiCoder, keccak256 } from "ethers";

import { ELEMENT_KINDS, type TensorSpec } from "../../circuits/format/tensor.ts";
import { type Arguments, interfaceOf, type Returned } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { SdkError } from "./errors.ts";
import { type Level, levelsIn } from "./level.ts";

/** The immutable facts of a version, as they are on chain. */
export type VersionSpec = Arguments<"modelRegistry", "addVersion">[1];
export type VersionTerms = Returned<"modelRegistry", "terms">;
type ChainTensorSpec = VersionSpec["inputs"][number];

export interface Version {
  readonly versionId: string;
  readonly modelId: bigint;
  readonly spec: VersionSpec;
  readonly terms: VersionTerms;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly levels: readonly Level[];
  /** Where the version was added. */
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** `keccak256(abi.encode(chainid, registry, modelId, spec))`, as the registry computes it. */
export function versionIdOf(
  { chainId, modelRegistry }: Pick<Deployment, "chainId" | "modelRegistry">,
  modelId: bigint,
  spec: VersionSpec,
): string {
  const specType = interfaceOf("modelRegistry").getFunction("addVersion")?.inputs[1];
  if (specType === undefined) throw new TypeError("the registry's ABI has no version spec");
  const types = ["uint256", "address", "uint256", specType];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [chainId, modelRegistry, modelId, spec]));
}

export function toChainTensorSpec({ kind, bits, decimals, shape }: TensorSpec): ChainTensorSpec {
  return {
    kind: BigInt(ELEMENT_KINDS.indexOf(kind)),
    bits: BigInt(bits),
    decimals: BigInt(decimals),
    shape: shape.map(BigInt),
  };
}

export function fromChainTensorSpec({ kind, bits, decimals, shape }: ChainTensorSpec): TensorSpec {
  const name = ELEMENT_KINDS[Number(kind)];
  if (name === undefined) throw new SdkError("FACT_MISSING", `element kind ${kind} is unknown to this client`);
  return { kind: name, bits: Number(bits), decimals: Number(decimals), shape: shape.map(Number) };
}

/** Joins what the log and the registry's storage say of a version. */
export function describeVersion(
  added: Pick<Version, "versionId" | "modelId" | "spec" | "blockNumber" | "transactionHash">,
  terms: VersionTerms,
): Version {
  const { versionId, modelId, spec, blockNumber, transactionHash } = added;
  return {
    versionId,
    modelId,
    spec,
    terms,
    inputs: spec.inputs.map(fromChainTensorSpec),
    outputs: spec.outputs.map(fromChainTensorSpec),
    levels: levelsIn(spec.levels),
    blockNumber,
    transactionHash,
  };
}
