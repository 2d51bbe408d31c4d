import { expect } from "chai";
import { keccak256, toBeHex } from "ethers";
import fc from "fast-check";

import { merkleTree } from "../../workers/sdk/receipts/merkle-tree.ts";
import { type Receipt, receiptLeaf } from "../../workers/sdk/receipts/receipt.ts";
import {
  ANCHOR_STATE,
  anchored,
  type Anchors,
  anchorsWith,
  BURN,
  CHALLENGE_STATE,
  expectSolvent,
  nativeAnchors,
  PARAMETERS,
  passTime,
  proofFor,
  receiptOf,
  signatureFor,
  STAKE,
  tokenAnchors,
} from "./anchors-fixture.ts";
import { ethers, gasOf, networkHelpers, tokenMoney } from "./channels-fixture.ts";

const { anchorStake, challengeBond, challengeWindow, evidenceWindow } = PARAMETERS;
const QUARTER = anchorStake / 4n;

const load = () => networkHelpers.loadFixture(nativeAnchors);
const wrong = (base: Anchors, input: number, overrides: Partial<Receipt> = {}) =>
  receiptOf(base, input, { outputHash: keccak256("0x00"), ...overrides });

/** Anchors receipts and challenges the first of them. */
async function challenged(base: Anchors, receipts: readonly [Receipt, ...Receipt[]]) {
  const anchor = await anchored(base, receipts);
  const [receipt] = receipts;
  await challenge(base, anchor, receipt, 0);
  const leaf = anchor.leaves[0] ?? "";
  const { dueAt } = await base.anchors.challengeOf(anchor.anchorId, leaf);
  return { ...anchor, receipt, leaf, dueAt };
}

function challenge(
  { anchors, challenger, money }: Anchors,
  { anchorId, proofs }: { anchorId: bigint; proofs: string[][] },
  receipt: Receipt,
  index: number,
) {
  return anchors.connect(challenger).challenge(anchorId, receipt, proofs[index] ?? [], money.value(challengeBond));
}

for (const [currency, fixture] of [
  ["the native coin", nativeAnchors],
  ["an ERC-20", tokenAnchors],
] as const) {
  describe(`an anchor with stake in ${currency}`, function () {
    this.timeout(60_000);
    const loadOf = () => networkHelpers.loadFixture(fixture);

    it("reserves stake for its window, after which anyone lets go of it", async () => {
      const base = await loadOf();
      const { anchors, workers, workerId, key, operator, stranger } = base;
      const root = keccak256("0x01");
      const sending = await anchors.connect(operator).anchor(workerId, root, 1, "ipfs://");
      const { openUntil } = await anchors.anchorOf(1);
      await expect(sending)
        .to.emit(anchors, "ReceiptsAnchored")
        .withArgs(1n, workerId, key, root, 1n, openUntil, "ipfs://");
      expect((await workers.workerOf(workerId)).reserved).to.equal(anchorStake);
      await networkHelpers.time.setNextBlockTimestamp(openUntil);
      await expect(anchors.connect(stranger).release(1))
        .to.be.revertedWithCustomError(anchors, "AnchorNotDue")
        .withArgs(1n, openUntil);
      await passTime(openUntil);
      await expect(anchors.connect(stranger).release(1)).to.emit(anchors, "AnchorReleased").withArgs(1n, workerId);
      expect((await workers.workerOf(workerId)).reserved).to.equal(0n);
      await expect(anchors.release(1))
        .to.be.revertedWithCustomError(anchors, "AnchorStateMismatch")
        .withArgs(1n, ANCHOR_STATE.Released);
    });

    it("keeps it when evidence for a challenged receipt comes in time, and its operator gets the bond", async () => {
      const base = await loadOf();
      const { anchors, workers, workerId, operator, stranger } = base;
      const { anchorId, receipt, leaf, dueAt } = await challenged(base, [receiptOf(base, 3), receiptOf(base, 4)]);
      await expectSolvent(base);
      await networkHelpers.time.setNextBlockTimestamp(dueAt);
      await expect(anchors.connect(stranger).fulfill(anchorId, receipt, "0x06", signatureFor(base, receipt)))
        .to.emit(anchors, "ReceiptShown")
        .withArgs(anchorId, leaf, "0x06");
      expect(await anchors.balanceOf(operator)).to.equal(challengeBond);
      expect((await anchors.challengeOf(anchorId, leaf)).state).to.equal(CHALLENGE_STATE.Shown);
      await expectSolvent(base);
      await passTime((await anchors.anchorOf(anchorId)).openUntil);
      await anchors.release(anchorId);
      expect((await workers.workerOf(workerId)).stake).to.equal(STAKE);
      await anchors.connect(operator).withdraw(challengeBond, operator);
      await expectSolvent(base);
    });

    it("loses it when no evidence comes: a quarter each to challenger and requester, the rest is burnt", async () => {
      const base = await loadOf();
      const { anchors, workers, workerId, challenger, requester, stranger, money } = base;
      const { anchorId, receipt, leaf, dueAt } = await challenged(base, [wrong(base, 3)]);
      const burnt = await money.held(BURN);
      await passTime(dueAt);
      await expect(anchors.connect(stranger).resolve(anchorId, receipt))
        .to.emit(anchors, "ChallengeEnded")
        .withArgs(anchorId, leaf, challenger, anchorStake);
      expect(await anchors.balanceOf(challenger)).to.equal(challengeBond + QUARTER);
      expect(await anchors.balanceOf(requester)).to.equal(QUARTER);
      expect((await money.held(BURN)) - burnt).to.equal(anchorStake - 2n * QUARTER);
      const { stake, reserved } = await workers.workerOf(workerId);
      expect([stake, reserved]).to.deep.equal([STAKE - anchorStake, 0n]);
      expect((await anchors.anchorOf(anchorId)).state).to.equal(ANCHOR_STATE.Slashed);
      await expectSolvent(base);
    });

    it("loses it once: after that every open challenge ends at once, with its bond back", async () => {
      const base = await loadOf();
      const { anchors, workers, workerId, challenger } = base;
      const right = receiptOf(base, 4);
      const anchor = await challenged(base, [wrong(base, 3), right, wrong(base, 5), receiptOf(base, 6)]);
      const { anchorId, receipt, dueAt } = anchor;
      await challenge(base, anchor, right, 1);
      await challenge(base, anchor, wrong(base, 5), 2);
      await passTime(dueAt);
      await anchors.resolve(anchorId, receipt);

      const had = await anchors.balanceOf(challenger);
      for (const open of [right, wrong(base, 5)])
        await expect(anchors.resolve(anchorId, open))
          .to.emit(anchors, "ChallengeEnded")
          .withArgs(anchorId, receiptLeaf(base.place, open), challenger, 0n);
      expect((await anchors.balanceOf(challenger)) - had).to.equal(2n * challengeBond);
      expect((await workers.workerOf(workerId)).stake).to.equal(STAKE - anchorStake);
      const refused = [
        () => challenge(base, anchor, receiptOf(base, 6), 3),
        () => anchors.fulfill(anchorId, right, "0x08", signatureFor(base, right)),
        () => anchors.release(anchorId),
      ];
      for (const call of refused)
        await expect(call())
          .to.be.revertedWithCustomError(anchors, "AnchorStateMismatch")
          .withArgs(anchorId, ANCHOR_STATE.Slashed);
      await expectSolvent(base);
    });
  });
}

describe("evidence for a receipt", function () {
  this.timeout(60_000);

  it("is a proof if the version has a circuit", async () => {
    const base = await load();
    const { anchors, operator } = base;
    const proven = receiptOf(base, 3, { versionId: base.zkmlVersion });
    const { anchorId } = await challenged(base, [proven]);
    await expect(anchors.fulfill(anchorId, proven, "0x06", signatureFor(base, proven))).to.revert(ethers);
    const other = receiptOf(base, 3, { versionId: base.zkmlVersion, nonce: 9n });
    await expect(anchors.fulfill(anchorId, proven, "0x06", await proofFor(base, other, 3))).to.revert(ethers);
    await anchors.fulfill(anchorId, proven, "0x06", await proofFor(base, proven, 3));
    expect(await anchors.balanceOf(operator)).to.equal(challengeBond);
  });

  it("is for that receipt, that output and that worker alone", async () => {
    const base = await load();
    const { anchors } = base;
    const { anchorId, receipt, leaf } = await challenged(base, [receiptOf(base, 3)]);
    const twin = receiptOf(base, 3, { nonce: 9n });
    await expect(anchors.fulfill(anchorId, receipt, "0x06", signatureFor(base, twin))).to.revert(ethers);
    await expect(anchors.fulfill(anchorId, receipt, "0x07", signatureFor(base, receipt)))
      .to.be.revertedWithCustomError(anchors, "OutputMismatch")
      .withArgs(leaf);
    const elsewhere = { ...base, place: { ...base.place, anchors: ethers.ZeroAddress } };
    await expect(anchors.fulfill(anchorId, receipt, "0x06", signatureFor(elsewhere, receipt))).to.revert(ethers);
    await anchors.fulfill(anchorId, receipt, "0x06", signatureFor(base, receipt));
  });

  it("still counts when the worker has changed its key since", async () => {
    const base = await load();
    const { anchors, workers, workerId, operator, stranger } = base;
    const { anchorId, receipt } = await challenged(base, [receiptOf(base, 3)]);
    await workers.connect(operator).setKey(workerId, stranger);
    await anchors.fulfill(anchorId, receipt, "0x06", signatureFor(base, receipt));
    expect(await anchors.balanceOf(operator)).to.equal(challengeBond);
  });

  it("may take one window for each open challenge, and not a second longer", async () => {
    const base = await load();
    const { anchors } = base;
    const receipts = [receiptOf(base, 1), receiptOf(base, 2), receiptOf(base, 3)] as const;
    const anchor = await challenged(base, [...receipts]);
    for (const index of [1, 2]) {
      const receipt = receipts[index] ?? anchor.receipt;
      const block = await (await challenge(base, anchor, receipt, index)).getBlock();
      const { dueAt } = await anchors.challengeOf(anchor.anchorId, anchor.leaves[index] ?? "");
      expect(dueAt - BigInt(block?.timestamp ?? 0)).to.equal(evidenceWindow * BigInt(index + 1));
    }
    const { anchorId, receipt, leaf, dueAt } = anchor;
    await networkHelpers.time.setNextBlockTimestamp(dueAt);
    await expect(anchors.resolve(anchorId, receipt))
      .to.be.revertedWithCustomError(anchors, "EvidenceNotDue")
      .withArgs(anchorId, leaf, dueAt);
    await passTime(dueAt);
    await expect(anchors.fulfill(anchorId, receipt, "0x02", signatureFor(base, receipt)))
      .to.be.revertedWithCustomError(anchors, "EvidenceTooLate")
      .withArgs(anchorId, leaf, dueAt);
  });

  it("does not save a receipt that names another worker, even when that one answered right", async () => {
    const base = await load();
    const { anchors, workers, workerId, requester } = base;
    const foreign = receiptOf(base, 3, { worker: base.stranger.address });
    const { anchorId, leaf, dueAt } = await challenged(base, [foreign]);
    await expect(anchors.fulfill(anchorId, foreign, "0x06", signatureFor(base, foreign)))
      .to.be.revertedWithCustomError(anchors, "ReceiptOfOtherWorker")
      .withArgs(leaf, base.stranger, base.key);
    await passTime(dueAt);
    await anchors.resolve(anchorId, foreign);
    expect(await anchors.balanceOf(requester)).to.equal(QUARTER);
    expect((await workers.workerOf(workerId)).stake).to.equal(STAKE - anchorStake);
    await expectSolvent(base);
  });
});

describe("a challenge", function () {
  this.timeout(60_000);

  it("is possible for every leaf of a tree of any size, and for nothing else", async () => {
    const base = await load();
    const { anchors } = base;
    for (const size of [1, 2, 3, 6, 7]) {
      const receipts = Array.from({ length: size }, (_, index) => receiptOf(base, index));
      const anchor = await anchored(base, receipts);
      for (const [index, receipt] of receipts.entries()) await challenge(base, anchor, receipt, index);
      expect((await anchors.anchorOf(anchor.anchorId)).openChallenges).to.equal(size);
    }
    const last = await anchored(base, [receiptOf(base, 1), receiptOf(base, 2)]);
    const outside = receiptOf(base, 3);
    await expect(challenge(base, last, outside, 0))
      .to.be.revertedWithCustomError(anchors, "LeafNotInAnchor")
      .withArgs(last.anchorId, receiptLeaf(base.place, outside));
    await expectSolvent(base);
  });

  it("is made once for a receipt", async () => {
    const base = await load();
    const { anchors } = base;
    const anchor = await challenged(base, [receiptOf(base, 3), receiptOf(base, 4)]);
    const { anchorId, receipt, leaf } = anchor;
    const again = async (had: bigint) =>
      expect(challenge(base, anchor, receipt, 0))
        .to.be.revertedWithCustomError(anchors, "ChallengeStateMismatch")
        .withArgs(anchorId, leaf, had);
    await again(CHALLENGE_STATE.Open);
    await anchors.fulfill(anchorId, receipt, "0x06", signatureFor(base, receipt));
    await again(CHALLENGE_STATE.Shown);
    const unchallenged = receiptOf(base, 4);
    for (const [which, had] of [
      [receipt, CHALLENGE_STATE.Shown],
      [unchallenged, CHALLENGE_STATE.None],
    ] as const) {
      const expected = [anchorId, receiptLeaf(base.place, which), had];
      await expect(anchors.resolve(anchorId, which))
        .to.be.revertedWithCustomError(anchors, "ChallengeStateMismatch")
        .withArgs(...expected);
      await expect(anchors.fulfill(anchorId, which, "0x06", "0x"))
        .to.be.revertedWithCustomError(anchors, "ChallengeStateMismatch")
        .withArgs(...expected);
    }
  });

  it("comes inside the window, with exactly the bond, on an anchor that there is", async () => {
    const base = await load();
    const { anchors, challenger } = base;
    const receipt = receiptOf(base, 3);
    const anchor = await anchored(base, [receipt]);
    await expect(anchors.connect(challenger).challenge(anchor.anchorId, receipt, [], { value: 1n }))
      .to.be.revertedWithCustomError(anchors, "ValueMismatch")
      .withArgs(1n, challengeBond);
    await expect(challenge(base, { ...anchor, anchorId: 9n }, receipt, 0))
      .to.be.revertedWithCustomError(anchors, "AnchorStateMismatch")
      .withArgs(9n, ANCHOR_STATE.None);
    const { openUntil } = await anchors.anchorOf(anchor.anchorId);
    await passTime(openUntil);
    await expect(challenge(base, anchor, receipt, 0))
      .to.be.revertedWithCustomError(anchors, "AnchorClosed")
      .withArgs(anchor.anchorId, openUntil);
  });

  it("made in the last second keeps the stake reserved until it ends", async () => {
    const base = await load();
    const { anchors } = base;
    const receipt = receiptOf(base, 3);
    const anchor = await anchored(base, [receipt]);
    const { openUntil } = await anchors.anchorOf(anchor.anchorId);
    await networkHelpers.time.setNextBlockTimestamp(openUntil);
    await challenge(base, anchor, receipt, 0);
    await expect(anchors.release(anchor.anchorId))
      .to.be.revertedWithCustomError(anchors, "ChallengesOpen")
      .withArgs(anchor.anchorId, 1n);
    await anchors.fulfill(anchor.anchorId, receipt, "0x06", signatureFor(base, receipt));
    await anchors.release(anchor.anchorId);
  });

  it("is refused where no evidence could show who is right", async () => {
    const base = await load();
    const { anchors, models } = base;
    const unknown = receiptOf(base, 3, { versionId: keccak256("0x01") });
    await expect(challenge(base, await anchored(base, [unknown]), unknown, 0))
      .to.be.revertedWithCustomError(models, "VersionUnknown")
      .withArgs(unknown.versionId);

    const vanilla = receiptOf(base, 4);
    const anchor = await anchored(base, [vanilla]);
    const code = await ethers.provider.getCode(await ethers.deployContract("VanillaModels"));
    await networkHelpers.setCode(await models.getAddress(), code);
    await expect(challenge(base, anchor, vanilla, 0))
      .to.be.revertedWithCustomError(anchors, "VersionNotJudged")
      .withArgs(vanilla.versionId);
  });

  it("is not made in the middle of another", async () => {
    const base = await anchorsWith(await tokenMoney("HookedToken"));
    const { anchors, money } = base;
    const receipts = [receiptOf(base, 3), receiptOf(base, 4)] as const;
    const anchor = await anchored(base, receipts);
    const again = anchors.interface.encodeFunctionData("challenge", [
      anchor.anchorId,
      receipts[1],
      anchor.proofs[1] ?? [],
    ]);
    await money.token?.getFunction("setHook")(anchors, again);
    await expect(challenge(base, anchor, receipts[0], 0)).to.be.revertedWithCustomError(
      anchors,
      "ReentrancyGuardReentrantCall",
    );
  });

  it("gives nothing to a requester that nobody is", async () => {
    const base = await load();
    const { anchors, money } = base;
    const receipt = wrong(base, 3, { requester: ethers.ZeroAddress });
    const { anchorId, dueAt } = await challenged(base, [receipt]);
    const burnt = await money.held(BURN);
    await passTime(dueAt);
    await anchors.resolve(anchorId, receipt);
    expect((await money.held(BURN)) - burnt).to.equal(anchorStake - QUARTER);
    await expectSolvent(base);
  });

  it("ends even if the burnt half cannot be sent", async () => {
    const base = await anchorsWith(await tokenMoney("BlockingToken"));
    const { anchors, money } = base;
    await money.token?.getFunction("setBlocked")(BURN, true);
    const { anchorId, receipt, dueAt } = await challenged(base, [wrong(base, 3)]);
    await passTime(dueAt);
    await anchors.resolve(anchorId, receipt);
    expect(await anchors.balanceOf(BURN)).to.equal(anchorStake - 2n * QUARTER);
    await expectSolvent(base);
  });
});

describe("anchoring", function () {
  this.timeout(60_000);

  it("is for a worker's key and operator", async () => {
    const { anchors, workers, workerId, stranger } = await load();
    await expect(anchors.connect(stranger).anchor(workerId, ethers.ZeroHash, 0, ""))
      .to.be.revertedWithCustomError(anchors, "NotOfWorker")
      .withArgs(workerId, stranger);
    await expect(anchors.anchor(9, ethers.ZeroHash, 0, "")).to.be.revertedWithCustomError(workers, "WorkerIdUnknown");
  });

  it("needs free stake for each anchor, and unbonding does not get away from it", async () => {
    const base = await load();
    const { anchors, workers, workerId, key, operator } = base;
    await challenged(base, [wrong(base, 3)]);
    for (let count = 1n; (count + 1n) * anchorStake <= STAKE; count++)
      await anchors.connect(key).anchor(workerId, ethers.ZeroHash, 1, "");
    await expect(anchors.connect(key).anchor(workerId, ethers.ZeroHash, 1, "")).to.be.revertedWithCustomError(
      workers,
      "StakeTooLow",
    );
    await workers.connect(operator).startUnbonding(workerId, STAKE);
    await passTime(BigInt(await networkHelpers.time.latest()) + 86_400n);
    await expect(workers.connect(operator).withdrawStake(workerId, operator)).to.be.revertedWithCustomError(
      workers,
      "StakeStillBound",
    );
    await anchors.resolve(1, wrong(base, 3));
    expect((await workers.workerOf(workerId)).unbonding).to.equal(STAKE - anchorStake);
    await expectSolvent(base);
  });

  it("takes coins from the registry of workers only", async () => {
    const { anchors, stranger } = await load();
    await expect(stranger.sendTransaction({ to: anchors, value: 1n }))
      .to.be.revertedWithCustomError(anchors, "TransferUnexpected")
      .withArgs(stranger, 1n);
  });

  it("has parameters that cannot be nothing or too much", async () => {
    const { anchors, parts } = await load();
    const longest = 90n * 86_400n;
    const most = 2n ** 80n - 1n;
    for (const [name, max] of [
      ["challengeWindow", longest],
      ["evidenceWindow", longest],
      ["anchorStake", most],
      ["challengeBond", most],
    ] as const)
      for (const had of [0n, max + 1n])
        await expect(ethers.deployContract("ReceiptAnchors", [{ ...PARAMETERS, [name]: had }, ...parts]))
          .to.be.revertedWithCustomError(anchors, "ParameterOutOfRange")
          .withArgs(name, had, max);
    expect([...(await anchors.parameters())]).to.deep.equal(Object.values(PARAMETERS));
  });
});

describe("receipts in any order of events", function () {
  this.timeout(60_000);

  it("leave nothing stuck: every bond and stake comes out, and only wrong answers cost stake", async () => {
    const step = fc.tuple(fc.nat(4), fc.nat(5));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 14, maxLength: 20 }), async (steps) => walk(await load(), steps)),
      { numRuns: 6, seed: 7 },
    );
  });
});

/** Two anchors, of which the second has wrong answers in it; the worker shows what it can before time passes. */
async function walk(base: Anchors, steps: readonly (readonly [kind: number, which: number])[]): Promise<void> {
  const { anchors, workers, workerId, challenger, requester, operator, money } = base;
  const receipts = [1, 2, 3].map((input) => receiptOf(base, input));
  const doubtful = [receiptOf(base, 4), wrong(base, 5), wrong(base, 6)];
  const [right, mixed] = [await anchored(base, receipts), await anchored(base, doubtful)];
  const all = [...receipts, ...doubtful];
  const anchorOf = (which: number) => (which < 3 ? right : mixed);
  const show = async (which: number) => {
    const receipt = all[which];
    if (receipt === undefined) return;
    const output = toBeHex(2 * (which + 1), 1);
    await attempt(anchors.fulfill(anchorOf(which).anchorId, receipt, output, signatureFor(base, receipt)));
  };
  const end = async () => {
    for (const [which, receipt] of all.entries()) await attempt(anchors.resolve(anchorOf(which).anchorId, receipt));
    for (const { anchorId } of [right, mixed]) await attempt(anchors.release(anchorId));
  };
  for (const [kind, which] of steps) {
    const receipt = all[which];
    if (receipt === undefined) continue;
    if (kind < 2) await attempt(challenge(base, anchorOf(which), receipt, which % 3));
    else if (kind === 2) await show(which);
    else if (kind === 3) await end();
    else {
      for (const index of all.keys()) await show(index);
      await networkHelpers.time.increase(evidenceWindow);
    }
    await expectSolvent(base);
  }
  for (const index of all.keys()) await show(index);
  await networkHelpers.time.increase(challengeWindow + 7n * evidenceWindow);
  await end();

  const states = [(await anchors.anchorOf(right.anchorId)).state, (await anchors.anchorOf(mixed.anchorId)).state];
  expect(states[0]).to.equal(ANCHOR_STATE.Released);
  const lost = states[1] === ANCHOR_STATE.Slashed ? anchorStake : 0n;
  const { stake, reserved } = await workers.workerOf(workerId);
  expect([stake, reserved]).to.deep.equal([STAKE - lost, 0n]);
  for (const account of [challenger, requester, operator])
    await anchors.connect(account).withdraw(await anchors.balanceOf(account), account);
  expect(await money.held(anchors)).to.equal(0n);
}

async function attempt(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!String(error).includes("reverted with custom error")) throw error;
  }
}

describe("the gas of anchors", function () {
  this.timeout(60_000);

  const ceilings = {
    anchor: 122_000,
    challenge: 80_000,
    fulfill: 104_000,
    "fulfill with a proof": 276_000,
    resolve: 146_000,
    release: 45_000,
  };

  it("stays within its ceilings, with a tree of 1024 receipts", async () => {
    const base = await load();
    const { anchors, workerId, key, place } = base;
    const receipt = receiptOf(base, 3);
    const leaves = Array.from({ length: 1024 }, (_, index) =>
      receiptLeaf(place, receiptOf(base, 3, { nonce: BigInt(index) })),
    );
    const proven = receiptOf(base, 3, { versionId: base.zkmlVersion });
    const bad = wrong(base, 4);
    [leaves[7], leaves[8]] = [receiptLeaf(place, proven), receiptLeaf(place, bad)];
    const tree = merkleTree(leaves);
    const anchorId = 1n;
    const proofs = [3, 7, 8].map((index) => tree.proofOf(index));
    const figures = {
      anchor: await gasOf(anchors.connect(key).anchor(workerId, tree.root, leaves.length, "ipfs://")),
      challenge: await gasOf(challenge(base, { anchorId, proofs }, receipt, 0)),
      fulfill: await gasOf(anchors.fulfill(anchorId, receipt, "0x06", signatureFor(base, receipt))),
      "fulfill with a proof": await challenge(base, { anchorId, proofs }, proven, 1).then(async () =>
        gasOf(anchors.fulfill(anchorId, proven, "0x06", await proofFor(base, proven, 3))),
      ),
      resolve: await challenge(base, { anchorId, proofs }, bad, 2).then(async () => {
        await networkHelpers.time.increase(evidenceWindow + 1n);
        return gasOf(anchors.resolve(anchorId, bad));
      }),
      release: await anchored(base, [receipt]).then(async (second) => {
        await networkHelpers.time.increase(challengeWindow + 1n);
        return gasOf(anchors.release(second.anchorId));
      }),
    };
    const over = Object.entries(ceilings).filter(([name, ceiling]) => figures[name as keyof typeof figures] > ceiling);
    expect(over, JSON.stringify(figures)).to.deep.equal([]);
  });
});
