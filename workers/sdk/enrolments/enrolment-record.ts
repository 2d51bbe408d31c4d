import type { Policy, SignedText } from "../../tee/index.ts";

/** An enrolment as it was sent, and what the chain noted of it: enough to check it again anywhere. */
export interface EnrolmentRecord {
  readonly enclaveKey: string;
  readonly worker: string;
  /** The worker's key epoch. */
  readonly epoch: bigint;
  readonly quote: Uint8Array;
  /** By the enclave's key: it held the quote. */
  readonly keySignature: Uint8Array;
  /** The block that the quote binds, and its header in RLP where the chain's headers are known. */
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly blockHeader: string | null;
  /** By the node's word, in seconds. */
  readonly enrolledAt: number;
  readonly transactionHash: string;
}

/** What a quote of Intel's hardware was held against, as somebody posted it, and what the deployment takes of it. */
export interface CollateralRecord {
  readonly tcbInfos: readonly SignedText[];
  readonly identities: readonly SignedText[];
  readonly lists: readonly RevocationRecord[];
  readonly policy: Policy;
}

export interface RevocationRecord {
  readonly issuerChain: Uint8Array;
  readonly list: Uint8Array;
}

export interface DcapEvidence {
  readonly kind: "dcap";
  readonly enrolment: EnrolmentRecord;
  readonly collateral: CollateralRecord;
}

/** A document of Nitro comes with its certificates. */
export interface NitroEvidence {
  readonly kind: "nitro";
  readonly enrolment: EnrolmentRecord;
  /** Seconds for which a document counts at most. */
  readonly maxAge: number;
}

/** What it takes to check an enrolment without a chain. */
export type EnrolmentEvidence = DcapEvidence | NitroEvidence;
