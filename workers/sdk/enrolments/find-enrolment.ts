import { zeroPadValue } from "ethers";

import type { Client } from "../client.ts";
import { decodeEnclaveLogs, type Position } from "../facts.ts";
import { fetchLogs } from "../fetch-logs.ts";
import { isBefore } from "./fetch-collateral-record.ts";
import type { Enrolled } from "./fetch-enrolment.ts";

export interface FoundEnrolment {
  readonly fact: Enrolled;
  /** As enrolled, or as a notice set it since. */
  readonly expiresAt: bigint;
  /** The worker ended the keys of that epoch. */
  readonly isEnded: boolean;
}

/**
 * The last enrolment of a key before a position, by default until now, and what became of it; undefined if there was none
 * or it was invalidated. All of it is the node's word.
 */
export async function findEnrolment(
  client: Client,
  enclaveKey: string,
  until: Position | undefined,
): Promise<FoundEnrolment | undefined> {
  const before = <F extends Position>(facts: readonly F[]) =>
    until === undefined ? facts : facts.filter((fact) => isBefore(fact, until));
  const range = until === undefined ? {} : { toBlock: until.blockNumber };
  const ofKey = await fetchLogs(client, {
    contract: "enclaveRegistry",
    events: ["EnclaveEnrolled", "EnclaveInvalidated", "EnclaveOnNotice"],
    indexed: [zeroPadValue(enclaveKey, 32)],
    ...range,
  });
  const facts = before(decodeEnclaveLogs(ofKey));
  const fact = facts.findLast(({ kind }) => kind === "EnclaveEnrolled" || kind === "EnclaveInvalidated");
  if (fact?.kind !== "EnclaveEnrolled") return undefined;

  const notice = facts.findLast((each) => each.kind === "EnclaveOnNotice" && isBefore(fact, each));
  const ofWorker = await fetchLogs(client, {
    contract: "enclaveRegistry",
    events: ["KeysEnded"],
    indexed: [zeroPadValue(fact.worker, 32)],
    ...range,
  });
  return {
    fact,
    expiresAt: notice?.kind === "EnclaveOnNotice" ? notice.expiresAt : fact.expiresAt,
    isEnded: before(decodeEnclaveLogs(ofWorker)).some((each) => each.kind === "KeysEnded" && each.epoch > fact.epoch),
  };
}
