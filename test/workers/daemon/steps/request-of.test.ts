import { expect } from "chai";
import { keccak256 } from "ethers";

import { hexOf } from "../../../../workers/daemon/chain/job-struct.ts";
import { reduce } from "../../../../workers/daemon/job/reduce.ts";
import { requestOf } from "../../../../workers/daemon/steps/request-of.ts";
import { jobAt, JOB_ID, requested } from "../sample-job.ts";
import { errorOf } from "../../tee/error-of.ts";

describe("the request that a worker answers", () => {
  const told = (inputHash: string) => reduce(JOB_ID, [requested(jobAt("Tee", { inputHash: hexOf(inputHash) }))]);

  it("is the input that the job binds", () => {
    expect(requestOf(told(keccak256("0x05")))).to.include({ input: "0x05" });
  });

  it("is not another one that the node tells, so that no node chooses what an enclave signs", () => {
    expect(errorOf(() => requestOf(told(keccak256("0x06"))))).to.deep.include({
      code: "EXECUTION_FAILED",
      retryable: true,
      details: { had: keccak256("0x05"), needed: keccak256("0x06") },
    });
  });

  it("is missing before the chain tells it", () => {
    expect(errorOf(() => requestOf(reduce(JOB_ID, [])))).to.include({ code: "EXECUTION_FAILED", retryable: false });
  });
});
