import { type BlockTag, isError, type TransactionReceipt } from "ethers";

import type { Client } from "./client.ts";
import {
  type AbiName,
  type Arguments,
  type ContractName,
  interfaceOf,
  type ReadName,
  type Returned,
  type WriteName,
} from "./contracts.ts";
import { SdkError } from "./errors.ts";
import { toPlain } from "./plain.ts";
import { fromRpc, onChain } from "./rpc-error.ts";

/** A transaction without nonce, gas and signature. */
export interface UnsignedCall {
  /** What it does, for error messages: "InferenceMarket.claim" and the like. */
  readonly label: string;
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value: bigint;
}

interface ReadAtParameters<C extends AbiName, F extends ReadName<C>> {
  readonly contract: C;
  readonly functionName: F;
  readonly args: Arguments<C, F> & readonly unknown[];
  readonly blockTag?: BlockTag;
}
export type ReadParameters<C extends ContractName, F extends ReadName<C>> = ReadAtParameters<C, F>;

export interface WriteParameters<C extends ContractName, F extends WriteName<C>> {
  readonly contract: C;
  readonly functionName: F;
  readonly args: Arguments<C, F> & readonly unknown[];
  /** Wei sent along. */
  readonly value?: bigint;
}

/**
 * Calls a view function. Throws a `ContractError`, `NOT_A_CONTRACT`, `RPC_UNREACHABLE`.
 *
 * @example
 * const terms = await read(client, { contract: "modelRegistry", functionName: "terms", args: [versionId] });
 */
export async function read<C extends ContractName, F extends ReadName<C>>(
  client: Client,
  { contract, ...call }: ReadParameters<C, F>,
): Promise<Returned<C, F>> {
  return readAt(client, client.deployment[contract], { contract, ...call });
}

/** As `read`, of a contract at that address. */
export async function readAt<C extends AbiName, F extends ReadName<C>>(
  client: Client,
  to: string,
  { contract, functionName, args, blockTag = "latest" }: ReadAtParameters<C, F>,
): Promise<Returned<C, F>> {
  const data = interfaceOf(contract).encodeFunctionData(functionName, args);
  return onChain(`${contract}.${functionName}`, async () =>
    decodeReturned<C, F>(contract, functionName, await client.provider.call({ to, data, blockTag })),
  );
}

/** Encodes a transaction for somebody who signs and sends by other means. */
export function populateWrite<C extends ContractName, F extends WriteName<C>>(
  client: Pick<Client, "deployment">,
  { contract, functionName, args, value = 0n }: WriteParameters<C, F>,
): UnsignedCall {
  return {
    label: `${contract}.${functionName}`,
    to: client.deployment[contract],
    data: interfaceOf(contract).encodeFunctionData(functionName, args),
    value,
  };
}

/** The arguments of a call; undefined if the data is of another function, or of none. */
export function decodeCall<C extends AbiName, F extends WriteName<C>>(
  contract: C,
  functionName: F,
  data: string,
): Arguments<C, F> | undefined {
  const inputs = interfaceOf(contract).getFunction(functionName)?.inputs ?? [];
  try {
    const result = interfaceOf(contract).decodeFunctionData(functionName, data);
    // The ABI that the type is inferred from is the one that the data was decoded with.
    return inputs.map((input, index) => toPlain(input, result[index])) as Arguments<C, F>;
  } catch {
    return undefined;
  }
}

/** Runs a transaction on the present state without sending it, and returns what it would return. */
export async function simulate<C extends ContractName, F extends WriteName<C>>(
  client: Client,
  parameters: WriteParameters<C, F> & { readonly from?: string },
): Promise<Returned<C, F>> {
  const { label, ...call } = populateWrite(client, parameters);
  const from = parameters.from ?? (await client.signer?.getAddress());
  return onChain(label, async () =>
    decodeReturned<C, F>(
      parameters.contract,
      parameters.functionName,
      await client.provider.call(from === undefined ? call : { ...call, from }),
    ),
  );
}

/** Sends a transaction and waits until it is in a block. Errors as `send`. */
export async function write<C extends ContractName, F extends WriteName<C>>(
  client: Client,
  parameters: WriteParameters<C, F>,
): Promise<TransactionReceipt> {
  return send(client, populateWrite(client, parameters));
}

/** Gas beyond the estimate, in percent: draws, ramps and first writes may differ by the time it is mined. */
const GAS_MARGIN = 25n;

/**
 * Signs, sends and waits for one block. Throws a `ContractError` if it would revert or did, `INSUFFICIENT_FUNDS` with
 * `had` and `needed`, `SIGNER_MISSING`, `RPC_UNREACHABLE`.
 */
export async function send(client: Client, { label, ...call }: UnsignedCall): Promise<TransactionReceipt> {
  const { signer } = client;
  if (signer === undefined)
    throw new SdkError("SIGNER_MISSING", `${label} sends a transaction: create the client with a signer`);
  const from = await signer.getAddress();
  try {
    const estimate = await client.provider.estimateGas({ ...call, from });
    const gasLimit = estimate + (estimate * GAS_MARGIN) / 100n;
    const response = await signer.sendTransaction({ ...call, gasLimit });
    const receipt = await response.wait();
    if (receipt === null) throw new SdkError("RPC_ERROR", `${label}: no receipt of ${response.hash}`);
    return receipt;
  } catch (error) {
    if (isError(error, "CALL_EXCEPTION") && error.receipt) await replay(client, label, call, from, error.receipt);
    const failure = fromRpc(error, label);
    // Nodes word a lack of funds differently, and some report it as a revert without a reason: the balance decides.
    if (failure.code === "REVERTED" || failure.code === "RPC_ERROR" || isError(error, "INSUFFICIENT_FUNDS"))
      await requireFunds(client, label, from, call.value, failure);
    throw failure;
  }
}

/** A mined transaction that reverted says no reason, so the same call is made on the state it failed on. */
async function replay(
  client: Client,
  label: string,
  call: Omit<UnsignedCall, "label">,
  from: string,
  receipt: TransactionReceipt,
): Promise<void> {
  await onChain(`${label} (transaction ${receipt.hash})`, () =>
    client.provider.call({ ...call, from, blockTag: receipt.blockNumber }),
  );
}

const CHEAPEST_TRANSACTION_GAS = 21_000n;

async function requireFunds(client: Client, label: string, from: string, value: bigint, cause: unknown): Promise<void> {
  const [had, fees] = await onChain(label, () =>
    Promise.all([client.provider.getBalance(from), client.provider.getFeeData()]),
  );
  const needed = value + CHEAPEST_TRANSACTION_GAS * (fees.maxFeePerGas ?? fees.gasPrice ?? 0n);
  if (had >= needed) return;
  throw new SdkError("INSUFFICIENT_FUNDS", `${label}: ${from} holds ${had} wei and needs more than ${needed}`, {
    details: { account: from, had, needed },
    cause,
  });
}

function decodeReturned<C extends AbiName, F extends ReadName<C> | WriteName<C>>(
  contract: C,
  functionName: F,
  data: string,
): Returned<C, F> {
  const contractInterface = interfaceOf(contract);
  const fragment = contractInterface.getFunction(functionName);
  const outputs = fragment?.outputs ?? [];
  const result = contractInterface.decodeFunctionResult(functionName, data);
  const values = outputs.map((output, index) => toPlain(output, result[index]));
  // The ABI that the type is inferred from is the one that the data was decoded with.
  return (outputs.length > 1 ? values : values[0]) as Returned<C, F>;
}
