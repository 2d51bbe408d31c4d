import { getAddress, getBytes, hexlify, keccak256, recoverAddress } from "ethers";

import { packTensors, unpackTensors } from "../../../circuits/format/tensor.ts";
import { read } from "../access.ts";
import { callDigest } from "../call-digest.ts";
import { type CheckEnclaveOptions, checkSignatureOf, type Enclave } from "../check-enclave.ts";
import { checkProofOf, type ProvenResult } from "../check-proof.ts";
import type { Client } from "../client.ts";
import { isContractError } from "../errors.ts";
import { type InferAnswer, type InferRequest, receiptOf } from "../gateway/answer-schema.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import type { Payer } from "../gateway/payer.ts";
import type { Level } from "../level.ts";
import { anchorsOf } from "../places.ts";
import { type Receipt, receiptDigest, receiptResultDigest } from "../receipts/receipt.ts";
import { unverified } from "../unverified.ts";
import type { Version } from "../version.ts";
import { getVersion } from "./get-version.ts";

export interface InferParameters extends CheckEnclaveOptions {
  /** Address of the gateway. */
  readonly gateway: string;
  readonly versionId: string;
  readonly level: Level;
  /** Tensors as integers (row-major), or already packed. */
  readonly input: readonly (readonly bigint[])[] | Uint8Array;
  /** `payByVouchers` or `payByToken`; left out, nothing is paid. */
  readonly payer?: Payer;
  /** For private use, in place of a payment. */
  readonly apiKey?: string;
  /** Whom the receipt names; who pays when left out. */
  readonly requester?: string;
  /** Evidence for the market's `verify` in a transaction of this caller, in place of evidence for the receipt. */
  readonly call?: { readonly caller: string; readonly nonce: bigint; readonly deadline: bigint };
  /** Milliseconds. Default two minutes. */
  readonly timeout?: number;
}

export interface InferReturnType {
  /** Under which the gateway keeps the answer. */
  readonly id: string;
  readonly packedOutput: Uint8Array;
  /** As the chain knows them: a committed output is its commitment. */
  readonly outputs: readonly (readonly bigint[])[];
  readonly receipt: Receipt;
  readonly signature: string;
  readonly workerId: bigint;
  /** As `verify` or `showReceipt` takes it; null at Vanilla. */
  readonly evidence: Uint8Array | null;
  /** What stands behind the answer, checked here. */
  readonly checked:
    | ({ readonly by: "proof" } & ProvenResult)
    | ({ readonly by: "enclave" } & Enclave)
    /** The worker's signature alone; its stake, once the receipt is anchored. */
    | { readonly by: "signature" };
}

/**
 * Asks a gateway for an answer, pays for it and checks it: the receipt is for this input and output, signed by the key of a
 * registered worker; and the evidence shows it. Throws `RESULT_UNVERIFIED` with the check that failed, `PAYMENT_NEEDED`,
 * `GATEWAY_REFUSED`, `GATEWAY_UNREACHABLE`.
 *
 * @example
 * const { outputs, checked } = await infer(client, { gateway, versionId, level: "Zkml", input: [[3n]], payer });
 */
export async function infer(client: Client, parameters: InferParameters): Promise<InferReturnType> {
  const { gateway: url, versionId, level, requester, call, payer, apiKey, timeout = 120_000 } = parameters;
  const version = await getVersion(client, { versionId });
  const input = packInput(version, parameters.input);
  const request: InferRequest = {
    versionId,
    level,
    input: hexlify(input),
    ...(requester !== undefined && { requester }),
    ...(call && { call: { caller: call.caller, nonce: String(call.nonce), deadline: Number(call.deadline) } }),
  };
  const answer = await askGateway(request, { url, payer, apiKey, timeout });
  const receipt = receiptOf(answer);
  const output = getBytes(answer.output);
  requireReceipt(client, answer, receipt, { versionId, inputHash: keccak256(input), outputHash: keccak256(output) });
  const workerId = await workerOf(client, receipt.worker);
  const checked = await checkAnswer(client, version, { answer, receipt, input, output }, parameters);
  return {
    id: answer.id,
    packedOutput: output,
    outputs: unpackTensors(version.outputs, output),
    receipt,
    signature: answer.signature,
    workerId,
    evidence: answer.evidence && getBytes(answer.evidence.bytes),
    checked,
  };
}

function packInput({ inputs }: Version, input: InferParameters["input"]): Uint8Array {
  if (!(input instanceof Uint8Array)) return packTensors(inputs, input);
  // Unpacking checks length and padding.
  unpackTensors(inputs, input);
  return input;
}

function requireReceipt(
  { deployment }: Client,
  { signature }: InferAnswer,
  receipt: Receipt,
  needed: Pick<Receipt, "versionId" | "inputHash" | "outputHash">,
): void {
  for (const name of ["versionId", "inputHash", "outputHash"] as const)
    if (receipt[name].toLowerCase() !== needed[name].toLowerCase())
      throw failed(name, `the receipt is for ${name} ${receipt[name]}, not ${needed[name]}`);
  const digest = receiptDigest(anchorsOf(deployment), receipt);
  if (signerOf(digest, signature) !== receipt.worker)
    throw failed("receipt", `the receipt is not signed by ${receipt.worker}`);
}

async function workerOf(client: Client, key: string): Promise<bigint> {
  try {
    return await read(client, { contract: "workerRegistry", functionName: "workerIdOf", args: [key] });
  } catch (error) {
    if (!isContractError(error, "WorkerUnknown")) throw error;
    throw failed("worker", `${key}, which signed the receipt, is no worker's key`);
  }
}

interface Answered {
  readonly answer: InferAnswer;
  readonly receipt: Receipt;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

async function checkAnswer(
  client: Client,
  version: Version,
  { answer, receipt, input, output }: Answered,
  { level, call, ...options }: InferParameters,
): Promise<InferReturnType["checked"]> {
  if (level === "Vanilla") return { by: "signature" };
  const bound = call === undefined ? "receipt" : "call";
  if (answer.evidence?.binds !== bound) throw failed("evidence", `there is no evidence for the ${bound}`);
  const { versionId, inputHash, outputHash, worker } = receipt;
  const digest =
    call === undefined
      ? receiptResultDigest(anchorsOf(client.deployment), receipt)
      : callDigest(client.deployment, {
          ...call,
          caller: getAddress(call.caller),
          versionId,
          inputHash,
          outputHash,
          worker,
        });
  const evidence = getBytes(answer.evidence.bytes);
  if (level === "Zkml")
    return { by: "proof", ...(await checkProofOf(client, version, { digest, input, output, evidence, worker })) };
  return { by: "enclave", ...(await checkSignatureOf(client, version, { digest, evidence, worker }, options)) };
}

function signerOf(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    return undefined;
  }
}

function failed(check: string, message: string) {
  return unverified("RESULT_UNVERIFIED", message, { check });
}
