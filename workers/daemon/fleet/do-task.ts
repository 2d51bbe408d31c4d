import { reduce } from "../job/reduce.ts";
import { type Journal, NO_JOB } from "../journal/journal.ts";
import { type Performer, perform } from "../steps/perform.ts";
import type { Task } from "./task.ts";

/** Does a task, unless its job has other facts by now than those it was decided on. */
export async function doTask(performer: Performer, journal: Journal, task: Task): Promise<void> {
  const { lane } = performer;
  switch (task.of) {
    case "job": {
      const facts = await journal.factsOf(task.job);
      if (facts.length === task.facts) await perform(performer, reduce(task.job, facts), task.action, task.now);
      return;
    }
    case "worker": {
      const { value, ...call } = task.call;
      return lane.send(NO_JOB, task.send, { ...call, value: BigInt(value) });
    }
    case "look-up": {
      const { sends } = reduce(NO_JOB, await journal.factsOf(NO_JOB));
      const pending = sends.find(({ nonce, outcome }) => nonce === task.nonce && outcome === "pending");
      if (pending !== undefined) await lane.lookUp(NO_JOB, pending);
    }
  }
}
