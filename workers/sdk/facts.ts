import type { AbiParameter, AbiParameterToPrimitiveType, ExtractAbiEvent, ExtractAbiEventNames } from "abitype";
import type { Log } from "ethers";

import type { certificateStoreAbi } from "./abi/certificate-store.ts";
import type { collateralRegistryAbi } from "./abi/collateral-registry.ts";
import type { modelRegistryAbi } from "./abi/model-registry.ts";
import type { enclaveRegistryAbi } from "./abi/enclave-registry.ts";
import type { inferenceMarketAbi } from "./abi/inference-market.ts";
import type { nitroCertificatesAbi } from "./abi/nitro-certificates.ts";
import type { paymentChannelsAbi } from "./abi/payment-channels.ts";
import type { receiptAnchorsAbi } from "./abi/receipt-anchors.ts";
import type { workerRegistryAbi } from "./abi/worker-registry.ts";
import { type AbiName, interfaceOf } from "./contracts.ts";
import { SdkError } from "./errors.ts";
import { toPlainObject } from "./plain.ts";
import type {} from "./register.ts";

type FactAbi =
  | typeof inferenceMarketAbi
  | typeof modelRegistryAbi
  | typeof workerRegistryAbi
  | typeof enclaveRegistryAbi
  | typeof receiptAnchorsAbi
  | typeof paymentChannelsAbi
  | typeof collateralRegistryAbi
  | typeof certificateStoreAbi
  | typeof nitroCertificatesAbi;

/** Where in the chain a fact is. */
export interface Position {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

type Values<Parameters extends readonly AbiParameter[]> = {
  readonly [P in Parameters[number] as P["name"] & string]: AbiParameterToPrimitiveType<P, "outputs">;
};

/** One event of a contract: its name as `kind`, its arguments by name, and its position, which hides arguments of its names. */
export type FactOf<A extends FactAbi> = {
  [Name in ExtractAbiEventNames<A>]: { readonly kind: Name } & Omit<
    Values<ExtractAbiEvent<A, Name>["inputs"]>,
    keyof Position
  > &
    Position;
}[ExtractAbiEventNames<A>];

export type MarketFact = FactOf<typeof inferenceMarketAbi>;
export type ModelFact = FactOf<typeof modelRegistryAbi>;
export type WorkerFact = FactOf<typeof workerRegistryAbi>;
export type EnclaveFact = FactOf<typeof enclaveRegistryAbi>;
export type AnchorFact = FactOf<typeof receiptAnchorsAbi>;
export type ChannelFact = FactOf<typeof paymentChannelsAbi>;
export type CollateralFact = FactOf<typeof collateralRegistryAbi>;
export type CertificateFact = FactOf<typeof certificateStoreAbi>;
export type NitroFact = FactOf<typeof nitroCertificatesAbi>;

/**
 * The market's events among the logs, in their order; logs of unknown events are left out. The caller filters by
 * address. Throws `FACT_MISSING` if the data of a known event does not decode.
 *
 * @example
 * for (const fact of decodeMarketLogs(receipt.logs)) if (fact.kind === "JobSettled") console.log(fact.fee);
 */
export function decodeMarketLogs(logs: readonly Log[]): MarketFact[] {
  return decodeLogs<typeof inferenceMarketAbi>("market", logs);
}

export function decodeModelLogs(logs: readonly Log[]): ModelFact[] {
  return decodeLogs<typeof modelRegistryAbi>("modelRegistry", logs);
}

export function decodeWorkerLogs(logs: readonly Log[]): WorkerFact[] {
  return decodeLogs<typeof workerRegistryAbi>("workerRegistry", logs);
}

export function decodeEnclaveLogs(logs: readonly Log[]): EnclaveFact[] {
  return decodeLogs<typeof enclaveRegistryAbi>("enclaveRegistry", logs);
}

export function decodeAnchorLogs(logs: readonly Log[]): AnchorFact[] {
  return decodeLogs<typeof receiptAnchorsAbi>("receiptAnchors", logs);
}

export function decodeChannelLogs(logs: readonly Log[]): ChannelFact[] {
  return decodeLogs<typeof paymentChannelsAbi>("paymentChannels", logs);
}

export function decodeCollateralLogs(logs: readonly Log[]): CollateralFact[] {
  return decodeLogs<typeof collateralRegistryAbi>("collateralRegistry", logs);
}

export function decodeCertificateLogs(logs: readonly Log[]): CertificateFact[] {
  return decodeLogs<typeof certificateStoreAbi>("certificateStore", logs);
}

export function decodeNitroLogs(logs: readonly Log[]): NitroFact[] {
  return decodeLogs<typeof nitroCertificatesAbi>("nitroCertificates", logs);
}

function decodeLogs<A extends FactAbi>(contract: AbiName, logs: readonly Log[]): FactOf<A>[] {
  return logs.flatMap((log) => {
    const named = nameValues(contract, log);
    if (named === undefined) return [];
    const fact: unknown = {
      ...named,
      blockNumber: log.blockNumber,
      blockHash: log.blockHash,
      transactionHash: log.transactionHash,
      logIndex: log.index,
    };
    // The ABI that the type is inferred from is the one that the log was decoded with.
    return [fact as FactOf<A>];
  });
}

/** Undefined for an event that the contract's ABI does not have. */
function nameValues(contract: AbiName, log: Log): object | undefined {
  try {
    const parsed = interfaceOf(contract).parseLog(log);
    return parsed === null ? undefined : { kind: parsed.name, ...toPlainObject(parsed.fragment.inputs, parsed.args) };
  } catch (cause) {
    // Contracts cannot emit what does not decode.
    const where = `log ${log.index} of transaction ${log.transactionHash}`;
    throw new SdkError("FACT_MISSING", `${where} is no event of ${contract}: ask another node`, { cause });
  }
}
