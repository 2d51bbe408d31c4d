import { expect } from "chai";

import { createQuarantine } from "../../../../workers/daemon/execution/quarantine.ts";
import type { FactOf, Hex } from "../../../../workers/daemon/facts.ts";
import { noteFaults } from "../../../../workers/daemon/fleet/note-faults.ts";
import { NO_JOB } from "../../../../workers/daemon/journal/journal.ts";

const JOBS: Readonly<Record<Hex, Hex>> = { "0x01": "0xaa", "0x02": "0xaa", "0x03": "0xbb" };

function failed(code: string): FactOf<"failed"> {
  return { kind: "failed", step: "answer", code, message: "", retryable: true, at: 0 };
}

describe("faults that other processes of a fleet met", () => {
  it("set their version aside, and nothing else does", () => {
    const quarantine = createQuarantine({ faults: 3, seconds: 60, now: () => 0 });
    const note = (job: Hex, code: string): void =>
      noteFaults([{ job, fact: failed(code) }], (jobId) => JOBS[jobId], quarantine);
    note("0x01", "EXECUTOR_CRASHED");
    note("0x02", "PROVER_CRASHED");
    note("0x01", "ARTIFACT_UNAVAILABLE");
    note("0x03", "EXECUTOR_CRASHED");
    note(NO_JOB, "EXECUTOR_CRASHED");
    expect(quarantine.all()).to.deep.equal([]);
    note("0x02", "EXECUTOR_TIMEOUT");
    expect(quarantine.all().map(({ versionId, faults }) => [versionId, faults])).to.deep.equal([["0xaa", 3]]);
  });
});
