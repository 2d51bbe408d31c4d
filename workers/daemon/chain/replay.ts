/**
 * Replay: reads a stretch of the chain, or a job's history, once more, and journals what is missing there. For after a node
 * was found to have left logs out. It may not run beside the worker, which would not learn of what it adds.
 */
import type { Client } from "../../sdk/client.ts";
import { fetchLogsOf } from "../../sdk/fetch-logs.ts";
import { panelIdOf } from "../../sdk/round.ts";
import type { Endpoint } from "./endpoint.ts";
import { factsOfLogs, knownPanels } from "./log-facts.ts";
import { readNear } from "./read-near.ts";
import type { Hex } from "../facts.ts";
import type { JobView } from "../job/job-view.ts";
import { reduce } from "../job/reduce.ts";
import type { Journal, SubjectFact } from "../journal/journal.ts";
import { WorkerError } from "../worker-error.ts";

export interface ReplaySources {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly journal: Journal;
}

/** Blocks read at once. */
const STRETCH = 32;

/**
 * Every block from this one to the newest in the journal, with every log accounted for.
 * @returns The facts that were missing.
 */
export async function replayBlocks(
  { endpoint, client, journal }: ReplaySources,
  from: number,
  onProgress: (block: number) => void = () => undefined,
): Promise<readonly SubjectFact[]> {
  const { market, fromBlock } = client.deployment;
  const newest = await newestBlock(journal);
  if (from < fromBlock || from > newest)
    throw new WorkerError(
      "REPLAY_INVALID",
      `block ${from} is not between ${fromBlock}, the deployment's, and ${newest}, the newest in the journal`,
      { details: { from, fromBlock, newest } },
    );
  const panels = await knownPanels(journal);
  const added: SubjectFact[] = [];
  for (let first = from; first <= newest;) {
    const to = Math.min(newest, first + STRETCH - 1);
    const { logs, marks } = await readNear(endpoint, { market, from: first, to, parent: null });
    const last = marks.at(-1);
    // The worker's next start finds the ancestor; what was read so far is of the chain as it is now.
    if (last === undefined) break;
    added.push(...(await journal.append(factsOfLogs(logs, panels))));
    onProgress(last.number);
    first = last.number + 1;
  }
  return added;
}

/**
 * A job's history as the nodes agree on it. The job is open again afterwards: what was declined, failed or refused before
 * counts no longer, so that the worker's next start tries it again.
 */
export async function replayJob(
  { endpoint, client, journal }: ReplaySources,
  jobId: Hex,
): Promise<{ readonly added: readonly SubjectFact[]; readonly view: JobView }> {
  const { market, fromBlock } = client.deployment;
  const toBlock = await newestBlock(journal);
  const topics = [null, [jobId, panelIdOf(jobId)]];
  const context = `logs of job ${jobId}`;
  const logs = await endpoint.agreed(context, (provider) =>
    fetchLogsOf({ ...client, provider }, { address: market, topics, context }, { fromBlock, toBlock }),
  );
  const facts = factsOfLogs(logs, await knownPanels(journal));
  if (!facts.some(({ fact }) => fact.kind === "requested"))
    throw new WorkerError("REPLAY_INVALID", `no job ${jobId} was requested up to block ${toBlock}: check the id`, {
      details: { jobId, toBlock },
    });
  const added = await journal.append(facts);
  await journal.append([{ job: jobId, fact: { kind: "replayed" } }]);
  return { added, view: reduce(jobId, await journal.factsOf(jobId)) };
}

async function newestBlock(journal: Journal): Promise<number> {
  const [newest] = await journal.blocks(1);
  if (newest === undefined)
    throw new WorkerError("REPLAY_INVALID", "the journal has read no block yet: there is nothing to replay");
  return newest.number;
}
