import { randomBytes, randomUUID } from "node:crypto";

import { getAddress, hexlify, keccak256, type Signer } from "ethers";

import type { OffMarket } from "../../daemon/index.ts";
import { callDigest } from "../../sdk/call-digest.ts";
import type { InferAnswer, InferRequest } from "../../sdk/gateway/answer-schema.ts";
import { anchorsOf } from "../../sdk/places.ts";
import { type Receipt, receiptLeaf, receiptResultDigest, signReceipt } from "../../sdk/receipts/receipt.ts";

/** Signs receipts with the worker's key. */
export interface ReceiptSigner {
  readonly address: string;
  signTypedData: Signer["signTypedData"];
}

/** What an answer is made of, in this order. */
export type Stage = "queued" | "running" | "proving" | "settling";

export interface AnswerSources {
  readonly offMarket: OffMarket;
  readonly signer: ReceiptSigner;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

export interface MadeAnswer {
  readonly answer: InferAnswer;
  readonly leaf: string;
}

/** Runs the version, signs the receipt for it and makes evidence, if the level has any. */
export async function makeAnswer(
  { offMarket, signer, clock }: AnswerSources,
  { versionId, level, call, ...request }: InferRequest & { readonly requester: string },
  input: Uint8Array,
  tell: (stage: Stage) => void,
): Promise<MadeAnswer> {
  const { deployment, workerKey } = offMarket;
  const place = anchorsOf(deployment);
  tell("running");
  const { output, executor } = await offMarket.run({ versionId, input });
  const hashes = { versionId, inputHash: keccak256(input), outputHash: keccak256(output) };
  const worker = getAddress(workerKey);
  const receipt: Receipt = {
    ...hashes,
    requester: getAddress(request.requester),
    worker,
    answeredAt: BigInt(Math.floor(clock() / 1000)),
    nonce: randomBytes(8).readBigUInt64BE(),
  };
  const digest =
    call === undefined
      ? receiptResultDigest(place, receipt)
      : callDigest(deployment, {
          ...hashes,
          worker,
          caller: getAddress(call.caller),
          nonce: BigInt(call.nonce),
          deadline: BigInt(call.deadline),
        });
  const prove = async (of: "Tee" | "Zkml") => {
    tell("proving");
    const bytes = await offMarket.evidence({ versionId, level: of, input, output }, digest);
    return { binds: call === undefined ? ("receipt" as const) : ("call" as const), bytes: hexlify(bytes) };
  };
  const evidence = level === "Vanilla" ? null : await prove(level);
  const { answeredAt, nonce, ...named } = receipt;
  const answer: InferAnswer = {
    id: randomUUID(),
    level,
    receipt: { ...named, answeredAt: Number(answeredAt), nonce: String(nonce) },
    signature: await signReceipt(signer, place, receipt),
    output: hexlify(output),
    executor,
    evidence,
  };
  return { answer, leaf: receiptLeaf(place, receipt) };
}
