import { expect } from "chai";

import { estimateSeconds, NO_TIMES, paceOf } from "../../../../workers/daemon/job/pace.ts";

const POLICY = { expectedSeconds: { Vanilla: 1, Tee: 2, Zkml: 15 } };
/** Domain 2^15. */
const SIZE = { constraints: 20_000, publicSignals: 5 };

describe("how long this machine will take", () => {
  it("is what the policy says where nothing is known", () => {
    expect(paceOf({ size: null, times: NO_TIMES }, [], POLICY)).to.deep.equal({ answer: 1, Tee: 2, Zkml: 15 });
  });

  it("follows from the circuit's size before the first proof, with room for a slower machine", () => {
    const estimate = estimateSeconds(SIZE);
    expect(Math.round(estimate * 1000)).to.equal(Math.round((0.05 + 33e-6 * 2 ** 15) * 1000));
    expect(paceOf({ size: SIZE, times: NO_TIMES }, [], POLICY).Zkml).to.equal(3 * estimate);
    const larger = paceOf({ size: { constraints: 40_000, publicSignals: 5 }, times: NO_TIMES }, [], POLICY);
    expect(larger.Zkml > 3 * estimate).to.equal(true);
  });

  it("is corrected by how long proofs of other versions took", () => {
    const other = { size: SIZE, times: { answers: [], proofs: [estimateSeconds(SIZE) * 5000] } };
    expect(paceOf({ size: SIZE, times: NO_TIMES }, [other], POLICY).Zkml / estimateSeconds(SIZE)).to.be.within(
      7.49,
      7.51,
    );
  });

  it("is what was measured once there is a measurement, half as much again", () => {
    const times = { answers: [100, 2000, 9000], proofs: [4000] };
    expect(paceOf({ size: SIZE, times }, [], POLICY)).to.deep.equal({ answer: 3, Tee: 2, Zkml: 6 });
  });
});
