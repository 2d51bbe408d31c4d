/**
 * A task: one action that the watcher decided on and that another process does.
 *
 * The journal is the truth and the queue only spreads work. A task says on how many facts of its job it was decided:
 * whoever takes it up does nothing if the job has other facts by then, because the watcher decides anew on those. So it
 * does no harm if a task is done twice, late, or by nobody.
 */
import { z } from "zod";

import type { FactKind, SendKind } from "../facts.ts";
import type { Action } from "../job/action.ts";
import type { SubjectFact } from "../journal/journal.ts";
import type { FleetRole } from "./fleet-config.ts";

const hex = z.templateLiteral(["0x", z.string()]);
const sendKind = z.custom<SendKind>((value) => typeof value === "string");

const action = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("execute-model") }),
  z.strictObject({ kind: z.literal("make-evidence"), level: z.enum(["Tee", "Zkml"]), output: hex }),
  z.strictObject({ kind: z.literal("look-up"), send: sendKind, nonce: z.int() }),
  z.strictObject({ kind: z.literal("send"), send: sendKind, output: hex }),
]);
/** The actions that are tasks; the others the watcher does by itself. */
export type TaskAction = z.infer<typeof action>;

const ofJob = z.strictObject({
  of: z.literal("job"),
  job: hex,
  /** How many facts the job had when this was decided. */
  facts: z.int(),
  action,
  /** Chain time of the decision, in seconds. */
  now: z.int(),
});
/** A transaction of the worker's own, which no job's facts describe. */
const own = z.strictObject({
  of: z.literal("worker"),
  send: sendKind,
  call: z.strictObject({ label: z.string(), to: z.string(), data: z.string(), value: z.string() }),
  now: z.int(),
});
const ownLookUp = z.strictObject({ of: z.literal("look-up"), nonce: z.int(), now: z.int() });
const task = z.discriminatedUnion("of", [ofJob, own, ownLookUp]);
export type Task = z.infer<typeof task>;

/** Throws zod's error. */
export function parseTask(payload: unknown): Task {
  return task.parse(payload);
}

export function isTaskAction(candidate: Action): candidate is TaskAction & Action {
  return !["decline", "draw-salt", "wait", "done"].includes(candidate.kind);
}

const ENDS: Readonly<Record<TaskAction["kind"], readonly FactKind[]>> = {
  "execute-model": ["answered", "failed"],
  "make-evidence": ["evidence", "failed"],
  send: ["signed", "refused", "unfunded", "failed"],
  "look-up": ["signed", "mined", "rejected", "lost", "failed"],
};

/** Whether this fact is what the task was for: then it is done, though its process may have died with it. */
export function isEndOf(one: Task, { job, fact }: SubjectFact): boolean {
  return one.of === "job" && one.job === job && ENDS[one.action.kind].includes(fact.kind);
}

/** Who does it. */
export function roleFor(one: Task): Exclude<FleetRole, "watcher"> {
  if (one.of !== "job") return "sender";
  switch (one.action.kind) {
    case "execute-model":
      return "inference";
    case "make-evidence":
      return "prover";
    case "look-up":
    case "send":
      return "sender";
  }
}

/** The same for the same decision: it is queued once, however often it is asked for. */
export function keyOf(one: Task): string {
  switch (one.of) {
    case "job":
      return `${one.job}:${one.facts}:${one.action.kind}`;
    case "worker":
      return `worker:${one.send}`;
    case "look-up":
      return `worker:look-up:${one.nonce}`;
  }
}
