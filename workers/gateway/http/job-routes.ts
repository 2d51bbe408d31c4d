import { z } from "zod";

import type { FactFeed, JobView, RunningWorker, SubjectFact } from "../../daemon/index.ts";
import { inferAnswer, refusal } from "../../sdk/gateway/answer-schema.ts";
import { merkleTree } from "../../sdk/receipts/merkle-tree.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { KeptAnswer } from "../ledger/rows.ts";
import { openEventStream } from "./event-stream.ts";
import type { Server } from "./open-server.ts";

export interface JobRoutesOptions {
  readonly ledger: Ledger;
  readonly jobs: RunningWorker["jobs"];
  readonly facts: FactFeed;
}

const id = z.object({ id: z.string() });
const found = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("answer"),
    answer: inferAnswer,
    /** Null until the receipt is anchored: what it takes to challenge it. */
    anchor: z.object({ anchorId: z.string(), openUntil: z.int(), proof: z.array(z.string()) }).nullable(),
  }),
  z.object({
    kind: z.literal("job"),
    jobId: z.string(),
    state: z.string(),
    /** Why this worker does not work on it; null if nothing speaks against it. */
    declined: z.object({ reason: z.string(), detail: z.string() }).nullable(),
    /** The answer on the chain. */
    output: z.string().nullable(),
    workerId: z.int(),
    dueAt: z.int(),
  }),
]);

/**
 * `GET /v1/jobs/:id`: an answer that this gateway gave, for who knows its id, or what the worker knows of a job of the market.
 * `GET /v1/jobs/:id/events`: what happens to a job of the market from now on.
 */
export function addJobRoutes(server: Server, { ledger, jobs, facts }: JobRoutesOptions): void {
  server.get(
    "/v1/jobs/:id",
    { schema: { description: "An answer or a job.", params: id, response: { 200: found, 404: refusal } } },
    async ({ params }) => {
      const kept = ledger.answer(params.id);
      if (kept !== undefined && isGiven(kept))
        return { kind: "answer" as const, answer: kept.answer, anchor: anchorOf(ledger, kept) };
      const view = isJobId(params.id) ? await jobs.get(params.id) : null;
      if (view === null) throw new GatewayError("ANSWER_UNKNOWN", `nothing is known of ${params.id}`);
      return jobOf(view);
    },
  );

  server.get(
    "/v1/jobs/:id/events",
    { schema: { description: "Server-sent events of a job of the market.", params: id, response: { 404: refusal } } },
    async ({ params: { id: jobId } }, reply) => {
      const view = isJobId(jobId) ? await jobs.get(jobId) : null;
      if (view === null) throw new GatewayError("ANSWER_UNKNOWN", `nothing is known of ${jobId}`);
      const events = openEventStream(reply);
      events.send("job", jobOf(view));
      const unsubscribe = facts.subscribe(({ job, fact }) => {
        if (job !== jobId) return;
        events.send(fact.kind, shownOf(fact));
        if (fact.kind === "closed") events.end();
      });
      reply.raw.once("close", unsubscribe);
      if (view.closed) events.end();
      return reply;
    },
  );
}

/** An answer whose payment is due has not left. */
function isGiven({ due, settlement }: KeptAnswer): boolean {
  return due === null || settlement !== null;
}

function anchorOf(ledger: Ledger, { batch, id: answerId }: KeptAnswer) {
  const anchored = batch === null ? undefined : ledger.batch(batch);
  if (anchored === undefined || anchored.anchorId === null || anchored.openUntil === null) return null;
  const answers = ledger.answersOf(anchored.batch);
  const proof = merkleTree(answers.map(({ leaf }) => leaf)).proofOf(answers.findIndex((each) => each.id === answerId));
  return { anchorId: String(anchored.anchorId), openUntil: anchored.openUntil, proof };
}

function jobOf({ jobId, chain, decline }: JobView) {
  const { state, output, workerId, dueAt } = chain;
  const declined = decline && { reason: decline.reason, detail: decline.detail };
  return { kind: "job" as const, jobId, state, declined, output, workerId, dueAt };
}

/**
 * What may be told of a fact. Answers, salts and signed bytes stay here: until a round reveals them others could copy
 * them.
 */
function shownOf(fact: SubjectFact["fact"]): object {
  switch (fact.kind) {
    case "declined":
      return { reason: fact.reason, detail: fact.detail, until: fact.until };
    case "signed":
      return { send: fact.send, transactionHash: fact.transactionHash };
    case "mined":
      return { transactionHash: fact.transactionHash, ok: fact.ok };
    default:
      return "log" in fact ? { transactionHash: fact.log.transactionHash } : {};
  }
}

function isJobId(text: string): text is `0x${string}` {
  return /^0x[0-9a-f]{64}$/.test(text);
}
