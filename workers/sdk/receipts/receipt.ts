import { keccak256, type Signer, TypedDataEncoder } from "ethers";

import { RESULT_TYPE } from "../result-type.ts";

/** Where the contract of anchors is. */
export interface AnchorsPlace {
  readonly chainId: number;
  readonly anchors: string;
}

/** What a worker signs when it answers off chain. */
export interface Receipt {
  readonly versionId: string;
  readonly inputHash: string;
  readonly outputHash: string;
  /** Who asked; gets a share of the stake if the answer is not shown to be right. */
  readonly requester: string;
  /** Key of the worker that answered. */
  readonly worker: string;
  /** In seconds. */
  readonly answeredAt: bigint;
  /** Keeps receipts of equal answers apart. */
  readonly nonce: bigint;
}

const RECEIPT_TYPE = {
  Receipt: [
    { name: "versionId", type: "bytes32" },
    { name: "inputHash", type: "bytes32" },
    { name: "outputHash", type: "bytes32" },
    { name: "requester", type: "address" },
    { name: "worker", type: "address" },
    { name: "answeredAt", type: "uint40" },
    { name: "nonce", type: "uint64" },
  ],
};

/** The EIP-712 digest that the worker signs. */
export function receiptDigest(place: AnchorsPlace, receipt: Receipt): string {
  return TypedDataEncoder.hash(domainOf(place), RECEIPT_TYPE, receipt);
}

export function signReceipt(
  signer: Pick<Signer, "signTypedData">,
  place: AnchorsPlace,
  receipt: Receipt,
): Promise<string> {
  return signer.signTypedData(domainOf(place), RECEIPT_TYPE, receipt);
}

/** The receipt's leaf in an anchor's tree: its digest hashed again, so that no inner node, two words, can be one. */
export function receiptLeaf(place: AnchorsPlace, receipt: Receipt): string {
  return keccak256(receiptDigest(place, receipt));
}

/** The digest that evidence for a challenged receipt binds; it counts at the contract of anchors only. */
export function receiptResultDigest(place: AnchorsPlace, receipt: Receipt): string {
  const { versionId, inputHash, outputHash, worker, answeredAt: deadline } = receipt;
  const jobId = receiptLeaf(place, receipt);
  const result = { jobId, versionId, inputHash, outputHash, worker, deadline };
  return TypedDataEncoder.hash(domainOf(place), RESULT_TYPE, result);
}

function domainOf({ chainId, anchors }: AnchorsPlace) {
  return { name: "Assay Receipts", version: "1", chainId, verifyingContract: anchors };
}
