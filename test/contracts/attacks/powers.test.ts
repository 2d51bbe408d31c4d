import { expect } from "chai";

import { deployed, ethers, networkHelpers } from "../fixture.ts";

const NO_MINIMUM = {
  qeMrSigner: ethers.ZeroHash,
  sgxSvns: `0x${"00".repeat(16)}`,
  tdxSvns: `0x${"00".repeat(16)}`,
  pceSvn: 0,
  qeProdId: 0,
  qeSvn: 0,
  until: 0,
};

describe("the administrator", function () {
  this.timeout(60_000);

  it("alone may pause, set the fee, accept measurements and platforms, add quote verifiers and say who holds stake", async () => {
    const { market, workers, enclaves, collateral, quotes, stranger } = await networkHelpers.loadFixture(deployed);
    for (const call of [
      () => market.connect(stranger).setPaused(true),
      () => market.connect(stranger).setProtocolFee(1, stranger),
      () => enclaves.connect(stranger).acceptMeasurement(ethers.ZeroHash, true),
      () => enclaves.connect(stranger).addQuoteVerifier(quotes),
      () => collateral.connect(stranger).acceptStatuses(0x7e),
      () => collateral.connect(stranger).requireLists(false),
      () => collateral.connect(stranger).setMinimum(true, NO_MINIMUM),
      () => workers.connect(stranger).setHolders(stranger, stranger),
    ])
      await expect(call())
        .to.be.revertedWithCustomError(workers, "AccessManagedUnauthorized")
        .withArgs(stranger.address);
  });

  it("has no other function: the restricted ones are these", async () => {
    const { market, enclaves } = await networkHelpers.loadFixture(deployed);
    const changing = (contract: { interface: { fragments: readonly { type: string }[] } }) =>
      contract.interface.fragments
        .flatMap((fragment) =>
          fragment.type === "function" && "stateMutability" in fragment && "name" in fragment ? [fragment] : [],
        )
        .filter(({ stateMutability }) => stateMutability !== "view" && stateMutability !== "pure")
        .map(({ name }) => String(name))
        .sort();
    expect(changing(market)).to.deep.equal(
      "allowConsumer cancelSigned challenge claim commit commitVerdict deposit depositWithPermit execute executeBatch expire fulfill fulfillBatch openReveals request requestFrom requestSigned resolve retryCallback returnToDraws reveal revealVerdict setPaused setProtocolFee settle settleBatch tally withdraw withdrawEarnings".split(
        " ",
      ),
    );
    expect(changing(enclaves)).to.deep.equal(
      "acceptMeasurement addQuoteVerifier endKeys enroll invalidate invalidateByQuote setAuthority".split(" "),
    );
  });
});
