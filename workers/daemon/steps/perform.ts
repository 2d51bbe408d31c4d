import { getBytes, hexlify, randomBytes } from "ethers";
import type { Logger } from "pino";

import { AssayError } from "../../../circuits/format/error.ts";
import { read } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { hexOf } from "../chain/job-struct.ts";
import type { MarketTerms } from "../chain/read-context.ts";
import type { Economics } from "../economics.ts";
import type { Fact, SendKind } from "../facts.ts";
import type { Action } from "../job/action.ts";
import type { Failure, JobView } from "../job/job-view.ts";
import type { SubjectFact } from "../journal/journal.ts";
import { termsOf } from "../job/spending.ts";
import type { NonceLane } from "../lane/nonce-lane.ts";
import type { SendTerms } from "../lane/send-terms.ts";
import { type EvidenceSources, makeEvidence } from "./make-evidence.ts";
import { requestOf } from "./request-of.ts";
import { batchItem, unsignedCall } from "./unsigned-call.ts";

export interface Performer extends EvidenceSources {
  readonly client: Client;
  readonly terms: MarketTerms;
  readonly lane: NonceLane;
  /** What the job's gas is held against. */
  readonly economics: Pick<Economics, "purse">;
  readonly record: (facts: readonly SubjectFact[]) => Promise<void>;
  readonly logger: Logger;
}

/** The effect of an action; what came of it is in the facts that it records. Chain time in seconds. */
export async function perform(performer: Performer, view: JobView, action: Action, now: number): Promise<void> {
  const { lane, logger, client, workerKey } = performer;
  const { jobId } = view;
  const record = (fact: Fact): Promise<void> => performer.record([{ job: jobId, fact }]);
  switch (action.kind) {
    case "decline":
      logger.info({ job: jobId, reason: action.reason, detail: action.detail, until: action.until }, "declined");
      return record({ kind: "declined", reason: action.reason, detail: action.detail, until: action.until });
    case "execute-model":
      return attempt("answer", async () => {
        const began = performance.now();
        const { output, executor } = await runModel(performer, view);
        await record({ kind: "answered", output: hexOf(hexlify(output)), executor, ...measured(began, view) });
        logger.info({ job: jobId, executor, milliseconds: since(began) }, "answered");
      });
    case "draw-salt":
      return record({ kind: "salted", round: action.round, salt: hexOf(hexlify(randomBytes(32))) });
    case "make-evidence":
      return attempt("evidence", async () => {
        const began = performance.now();
        const evidence = await makeEvidence(performer, view, action, now);
        const { level, output } = action;
        await record({ kind: "evidence", level, output, evidence, ...measured(began, view) });
        logger.info({ job: jobId, level, milliseconds: since(began) }, "evidence made");
      });
    case "look-up": {
      const pending = view.sends.find((send) => send.nonce === action.nonce && send.outcome === "pending");
      return pending === undefined ? undefined : lane.lookUp(jobId, pending, await terms(pending.kind));
    }
    case "send":
      return attempt("send", async () => {
        const value = action.send === "challenge" ? await missingBond(performer) : 0n;
        const call = unsignedCall(client, view, action, { workerKey, value });
        await lane.send(jobId, action.send, call, batchItem(view, action), await terms(action.send));
      });
    case "wait":
      return undefined;
    case "done":
      logger.info({ job: jobId, why: action.why, gasPaid: view.gasPaid.toString() }, "done");
      return record({ kind: "closed", why: action.why });
  }

  async function terms(send: SendKind): Promise<SendTerms> {
    return termsOf(view, send, { now, ...(await performer.economics.purse()) });
  }

  async function attempt(step: Failure["step"], body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      const { code, message, retryable } = describe(error);
      // The end of this process is no property of the job: the step is made again after the restart.
      if (OF_THE_PROCESS.includes(code)) throw error;
      logger.warn({ job: jobId, step, code, error: message, retryable }, "a step failed");
      await record({ kind: "failed", step, code, message, retryable, at: now });
    }
  }
}

/** The bond is taken from the key's account; what that lacks is sent along. An ERC-20 must be deposited beforehand. */
async function missingBond({ client, terms, workerKey }: Performer): Promise<bigint> {
  if (!terms.isNative) return 0n;
  const call = { contract: "market", functionName: "balanceOf", args: [workerKey], blockTag: "pending" } as const;
  const had = await read(client, call);
  return had < terms.challengeBond ? terms.challengeBond - had : 0n;
}

/** Errors that say nothing about the job: it is looked at again, and nothing is held against it. */
const OF_THE_PROCESS: readonly string[] = [
  "PROVER_CLOSED",
  "WORKER_STOPPING",
  "JOURNAL_CLOSED",
  "JOURNAL_CONFLICT",
  "JOURNAL_UNWRITABLE",
  "JOURNAL_UNREACHABLE",
  "RPC_UNREACHABLE",
  "RPC_DISAGREEMENT",
  "RPC_INCOMPLETE",
];

async function runModel({ versions }: Performer, view: JobView) {
  const { job, input } = requestOf(view);
  return versions.use(job.versionId, async (version) => ({
    output: await version.run(getBytes(input)),
    executor: version.executor,
  }));
}

function describe(error: unknown): { code: string; message: string; retryable: boolean } {
  if (error instanceof AssayError) return { code: error.code, message: error.message, retryable: error.retryable };
  // Unexpected: it may pass, and the number of attempts is limited.
  return { code: "UNEXPECTED", message: error instanceof Error ? error.message : String(error), retryable: true };
}

function measured(began: number, { job }: JobView) {
  return { milliseconds: since(began), ...(job !== null && { versionId: job.versionId }) };
}

function since(began: number): number {
  return Math.round(performance.now() - began);
}
