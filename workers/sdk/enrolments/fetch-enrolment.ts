import { getBytes, JsonRpcApiProvider, keccak256 } from "ethers";

import { decodeCall } from "../access.ts";
import type { Client } from "../client.ts";
import type { EnclaveFact } from "../facts.ts";
import { onChain } from "../rpc-error.ts";
import { unverified } from "../unverified.ts";
import { encodeHeader } from "./block-header.ts";
import type { EnrolmentRecord } from "./enrolment-record.ts";

export type Enrolled = Extract<EnclaveFact, { kind: "EnclaveEnrolled" }>;

/**
 * An enrolment out of the calldata of the transaction that made it. Throws `EVIDENCE_NOT_FOUND` if a contract in between
 * sent it, and `RESULT_UNVERIFIED` if it was about something else.
 */
export async function fetchEnrolment(client: Client, fact: Enrolled): Promise<EnrolmentRecord> {
  const { provider, deployment } = client;
  const { transactionHash } = fact;
  const [transaction, enrolledIn] = await Promise.all([
    onChain(`transaction ${transactionHash}`, () => provider.getTransaction(transactionHash)),
    onChain(`block ${fact.blockNumber}`, () => provider.getBlock(fact.blockNumber)),
  ]);
  const call = decodeCall("enclaveRegistry", "enroll", transaction?.data ?? "0x");
  if (transaction?.to !== deployment.enclaveRegistry || call === undefined || enrolledIn === null)
    throw unverified(
      "EVIDENCE_NOT_FOUND",
      `transaction ${transactionHash} did not call enroll of the registry itself`,
      {
        transactionHash,
      },
    );
  const [{ enclaveKey, worker, blockNumber, quote, keySignature }] = call;
  const isSame = enclaveKey === fact.enclaveKey && worker === fact.worker && keccak256(quote) === fact.quoteHash;
  if (!isSame)
    throw unverified("RESULT_UNVERIFIED", "the enrolment that was sent is not the one in the log", {
      check: "enrolment",
    });
  return {
    enclaveKey,
    worker,
    epoch: fact.epoch,
    quote: getBytes(quote),
    keySignature: getBytes(keySignature),
    blockNumber,
    ...(await fetchBoundBlock(client, blockNumber)),
    enrolledAt: enrolledIn.timestamp,
    transactionHash,
  };
}

async function fetchBoundBlock({ provider }: Client, blockNumber: bigint) {
  const context = `block ${blockNumber}`;
  const block = await onChain(context, () => provider.getBlock(Number(blockNumber)));
  if (block === null || block.hash === null)
    throw unverified("EVIDENCE_NOT_FOUND", `the node does not know ${context}, which the quote binds`, { blockNumber });
  return { blockHash: block.hash, blockHeader: await fetchHeader(provider, block.hash) };
}

/** What ethers makes of a block lacks fields of the header. */
async function fetchHeader(provider: Client["provider"], blockHash: string): Promise<string | null> {
  if (!(provider instanceof JsonRpcApiProvider)) return null;
  const block: unknown = await onChain(`block ${blockHash}`, () =>
    provider.send("eth_getBlockByHash", [blockHash, false]),
  );
  return (typeof block === "object" && block !== null && encodeHeader({ ...block })) || null;
}
