import { getBytes, hexlify, toBeHex } from "ethers";
import type { Logger } from "pino";

import type { OffMarket } from "../../daemon/index.ts";
import { populateWrite, read } from "../../sdk/access.ts";
import { decodeAnchorLogs } from "../../sdk/facts.ts";
import { fetchLogs } from "../../sdk/fetch-logs.ts";
import { receiptOf } from "../../sdk/gateway/answer-schema.ts";
import { anchorsOf } from "../../sdk/places.ts";
import { receiptResultDigest } from "../../sdk/receipts/receipt.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { KeptAnswer } from "../ledger/rows.ts";
import { evidenceLevel } from "./evidence-level.ts";

export interface KeepAnchorsOptions {
  readonly offMarket: OffMarket;
  readonly ledger: Ledger;
  readonly logger: Logger;
}

/** The contract's states of anchors, and of challenges. */
const OPEN = 1;
const RELEASED = 2;

/** Shows evidence for receipts that are challenged, and lets go of the stake of anchors whose window is over. */
export async function keepAnchors(options: KeepAnchorsOptions): Promise<void> {
  for (const { batch, anchorId } of options.ledger.openBatches()) {
    if (anchorId === null) continue;
    try {
      await keepAnchor(options, batch, anchorId);
    } catch (error) {
      // One that cannot be tended must not make the others late.
      options.logger.error({ anchor: String(anchorId), error: String(error) }, "will be tried again");
    }
  }
}

async function keepAnchor(options: KeepAnchorsOptions, batch: number, anchorId: bigint): Promise<void> {
  const { offMarket, ledger, logger } = options;
  const anchor = await offMarket.read(`anchor ${anchorId}`, (client) =>
    read(client, { contract: "receiptAnchors", functionName: "anchorOf", args: [anchorId] }),
  );
  const state = Number(anchor.state);
  if (state === OPEN && anchor.openChallenges > 0n) return showChallenged(options, anchorId);
  if (state === OPEN && BigInt(offMarket.now()) <= anchor.openUntil) return undefined;
  if (state === OPEN) {
    const call = { contract: "receiptAnchors", functionName: "release", args: [anchorId] } as const;
    await offMarket.send("release-anchor", populateWrite(offMarket, call));
  }
  if (state > RELEASED) logger.error({ anchor: String(anchorId) }, "an anchor was slashed");
  else logger.info({ anchor: String(anchorId) }, "an anchor let go of its stake");
  ledger.released(batch);
  return undefined;
}

async function showChallenged({ offMarket, ledger, logger }: KeepAnchorsOptions, anchorId: bigint): Promise<void> {
  const logs = await offMarket.read("challenges of receipts", (client) =>
    fetchLogs(client, {
      contract: "receiptAnchors",
      events: ["ReceiptChallenged"],
      indexed: [toBeHex(anchorId, 32)],
    }),
  );
  for (const fact of decodeAnchorLogs(logs)) {
    if (fact.kind !== "ReceiptChallenged" || !(await isOpen(offMarket, anchorId, fact.leaf))) continue;
    const kept = ledger.answerOfLeaf(fact.leaf);
    if (kept === undefined) {
      logger.error(
        { anchor: String(anchorId), leaf: fact.leaf },
        "a receipt that the ledger does not have is challenged",
      );
      continue;
    }
    await show(offMarket, anchorId, kept);
    logger.warn({ anchor: String(anchorId), answer: kept.id }, "a challenged receipt was shown to be right");
  }
}

async function isOpen(offMarket: OffMarket, anchorId: bigint, leaf: string): Promise<boolean> {
  const { state } = await offMarket.read(`the challenge of ${leaf}`, (client) =>
    read(client, { contract: "receiptAnchors", functionName: "challengeOf", args: [anchorId, leaf] }),
  );
  return Number(state) === OPEN;
}

async function show(offMarket: OffMarket, anchorId: bigint, { answer, input }: KeptAnswer): Promise<void> {
  const receipt = receiptOf(answer);
  const level = await evidenceLevel(offMarket, receipt.versionId);
  if (level === null) return;
  const kept = answer.evidence;
  // A proof stays good; an enclave's signature only as long as its enrolment, so that one is made anew.
  const isKept = level === "Zkml" && answer.level === "Zkml" && kept?.binds === "receipt";
  const evidence = isKept
    ? kept.bytes
    : hexlify(
        await offMarket.evidence(
          { versionId: receipt.versionId, level, input: getBytes(input), output: getBytes(answer.output) },
          receiptResultDigest(anchorsOf(offMarket.deployment), receipt),
        ),
      );
  const args = [anchorId, receipt, answer.output, evidence] as const;
  const call = { contract: "receiptAnchors", functionName: "fulfill", args } as const;
  await offMarket.send("show-receipt", populateWrite(offMarket, call));
}
