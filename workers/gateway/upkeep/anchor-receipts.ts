import { toBeHex } from "ethers";
import type { Logger } from "pino";

import type { OffMarket } from "../../daemon/index.ts";
import { populateWrite } from "../../sdk/access.ts";
import { type AnchorFact, decodeAnchorLogs } from "../../sdk/facts.ts";
import { fetchLogs } from "../../sdk/fetch-logs.ts";
import { merkleTree } from "../../sdk/receipts/merkle-tree.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Batch, KeptAnswer } from "../ledger/rows.ts";
import { evidenceLevel } from "./evidence-level.ts";

export interface AnchorOptions {
  readonly offMarket: OffMarket;
  readonly ledger: Ledger;
  /** Receipts that make an anchor worth its gas and the stake that it reserves. */
  readonly least: number;
  /** Where the receipts are found. */
  readonly uri: string;
  readonly logger: Logger;
}

/** Receipts of one anchor. A challenge costs the stake of all of them. */
const MOST_AT_ONCE = 1024;

type Anchored = Extract<AnchorFact, { kind: "ReceiptsAnchored" }>;

/**
 * Puts the worker's stake behind receipts that have none yet. A batch is in the ledger before its root is sent, so what a
 * crash cut off goes on with the same root: it is looked for on the chain first.
 */
export async function anchorReceipts(options: AnchorOptions): Promise<void> {
  const { offMarket, ledger, least } = options;
  for (const batch of ledger.openBatches())
    if (batch.anchorId === null) await finish(options, batch, await findAnchored(offMarket, batch.root));
  const showable: KeptAnswer[] = [];
  for (const kept of ledger.unanchored(MOST_AT_ONCE)) if (await canBeShown(offMarket, kept)) showable.push(kept);
  if (showable.length < Math.max(1, least)) return;
  const { root } = merkleTree(showable.map(({ leaf }) => leaf));
  const batch = ledger.newBatch(
    root,
    showable.map(({ id }) => id),
  );
  await finish(options, batch, undefined);
}

/** Whoever anchors a receipt that it cannot show evidence for can be slashed for it. */
async function canBeShown(offMarket: OffMarket, { answer }: KeptAnswer): Promise<boolean> {
  const level = await evidenceLevel(offMarket, answer.receipt.versionId);
  return level !== null && (level === "Zkml" || offMarket.hasEnclave);
}

async function finish(options: AnchorOptions, batch: Batch, known: Anchored | undefined): Promise<void> {
  const { ledger, logger } = options;
  const { anchorId, openUntil, count } = known ?? (await anchor(options, batch));
  ledger.anchored(batch.batch, anchorId, Number(openUntil));
  logger.info({ anchor: String(anchorId), receipts: Number(count), openUntil: Number(openUntil) }, "receipts anchored");
}

async function anchor({ offMarket, ledger, uri }: AnchorOptions, { batch, root }: Batch): Promise<Anchored> {
  const count = BigInt(ledger.answersOf(batch).length);
  const args = [BigInt(offMarket.workerId), root, count, uri] as const;
  const call = { contract: "receiptAnchors", functionName: "anchor", args } as const;
  await offMarket.send("anchor-receipts", populateWrite(offMarket, call));
  const anchored = await findAnchored(offMarket, root);
  if (anchored !== undefined) return anchored;
  throw new GatewayError("SETTLEMENT_FAILED", `the anchor with root ${root} is not on the chain`, { retryable: true });
}

async function findAnchored(offMarket: OffMarket, root: string): Promise<Anchored | undefined> {
  const worker = toBeHex(offMarket.workerId, 32);
  const logs = await offMarket.read("this worker's anchors", (client) =>
    fetchLogs(client, { contract: "receiptAnchors", events: ["ReceiptsAnchored"], indexed: [null, worker] }),
  );
  return decodeAnchorLogs(logs)
    .filter((fact) => fact.kind === "ReceiptsAnchored")
    .findLast((fact) => fact.root === root);
}
