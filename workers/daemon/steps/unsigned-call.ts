import { getBytes } from "ethers";

import type { UnsignedCall } from "../../sdk/access.ts";
import type { Client } from "../../sdk/client.ts";
import { populate } from "../../sdk/populate.ts";
import { chainJob } from "../chain/job-struct.ts";
import type { Action } from "../job/action.ts";
import type { JobView } from "../job/job-view.ts";
import { WorkerError } from "../worker-error.ts";

/** The market call of a send. Throws `EXECUTION_FAILED` if the view lacks what the call needs. */
export function unsignedCall(
  client: Pick<Client, "deployment">,
  view: JobView,
  action: Extract<Action, { kind: "send" }>,
  challengeBond: bigint,
): UnsignedCall {
  if (view.job === null) throw new WorkerError("EXECUTION_FAILED", `job ${view.jobId} has no request`);
  const job = chainJob(view.job);
  const output = getBytes(action.output);
  switch (action.send) {
    case "claim":
      return populate.claim(client, { job });
    case "execute":
      return populate.execute(client, { job, output });
    case "fulfill":
      if (view.evidence?.output !== action.output)
        throw new WorkerError("EXECUTION_FAILED", `job ${view.jobId} has no evidence for its output`);
      return populate.fulfill(client, { job, output, evidence: getBytes(view.evidence.evidence) });
    case "challenge":
      return populate.challenge(client, { job, bond: challengeBond });
    case "settle":
      return populate.settle(client, { job, output });
    case "expire":
      return populate.expire(client, { job });
    case "resolve":
      return populate.resolve(client, { job });
    case "retry-callback":
      return populate.retryCallback(client, { job, output });
    case "enroll":
      throw new WorkerError("EXECUTION_FAILED", "an enrolment belongs to no job");
  }
}
