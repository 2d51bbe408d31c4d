import { readAt } from "../access.ts";
import type { Client } from "../client.ts";
import { interfaceOf } from "../contracts.ts";
import { decodeNitroLogs, type Position } from "../facts.ts";
import { fetchLogsOf } from "../fetch-logs.ts";
import { isBefore } from "./fetch-collateral-record.ts";

const TRUST_EVENTS = [
  interfaceOf("nitroCertificates").getEvent("CertificateTrusted"),
  interfaceOf("nitroCertificates").getEvent("CertificateRevoked"),
].map((event) => event?.topicHash ?? "");

/** For how long a deployment's verifier takes documents of Nitro, and which certificates it distrusted at a position. */
export interface NitroTrust {
  readonly maxAge: number;
  /** Distrusted by the administrator, or shown to be revoked, by what the contracts know them by. */
  readonly distrusted: ReadonlySet<string>;
}

/** Out of the logs before that position: a node need not know old states. */
export async function fetchNitroTrust(client: Client, verifier: string, position: Position): Promise<NitroTrust> {
  const ofVerifier = { contract: "nitroQuoteVerifier", args: [] } as const;
  const [address, maxAge] = await Promise.all([
    readAt(client, verifier, { ...ofVerifier, functionName: "CERTIFICATES" }),
    readAt(client, verifier, { ...ofVerifier, functionName: "MAX_AGE" }),
  ]);
  const filter = { address, topics: [TRUST_EVENTS], context: "logs of Nitro's certificates" };
  const facts = decodeNitroLogs(await fetchLogsOf(client, filter, { toBlock: position.blockNumber }));

  const [distrusted, revoked] = [new Set<string>(), new Set<string>()];
  for (const fact of facts.filter((each) => isBefore(each, position))) {
    if (fact.kind === "CertificateRevoked") revoked.add(fact.certificate);
    else if (fact.kind === "CertificateTrusted" && fact.trusted) distrusted.delete(fact.certificate);
    else if (fact.kind === "CertificateTrusted") distrusted.add(fact.certificate);
  }
  return { maxAge: Number(maxAge), distrusted: new Set([...distrusted, ...revoked]) };
}
