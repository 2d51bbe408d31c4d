import { expect } from "chai";

import type { Fact, Hex } from "../../../../workers/daemon/facts.ts";
import type { Journal } from "../../../../workers/daemon/journal/journal.ts";
import { WorkerError } from "../../../../workers/daemon/worker-error.ts";
import { ANSWERED, JOB_ID, jobAt, mined, place, requested, signed } from "../sample-job.ts";

const on = (fact: Fact, job: Hex = JOB_ID) => ({ job, fact });

/** The code of what a call throws or rejects with. */
export async function codeOf(body: () => unknown): Promise<string | undefined> {
  try {
    await body();
  } catch (error) {
    return error instanceof WorkerError ? error.code : String(error);
  }
  return undefined;
}

/** What every journal does, wherever it is kept. `open` opens the same one again within a test. */
export function itKeepsFacts(open: () => Journal | Promise<Journal>): void {
  it("gives every fact back as it was, after it was opened again", async () => {
    const facts = [requested(jobAt("Zkml", { maxFee: 2n ** 95n })), ANSWERED, signed("fulfill", 4), mined(4)];
    const first = await open();
    await first.append(facts.map((fact) => on(fact)));
    await first.close();
    expect(await (await open()).factsOf(JOB_ID)).to.deep.equal(facts);
  });

  it("takes a log once, and once more after it was revoked", async () => {
    const journal = await open();
    const log = requested(jobAt("Vanilla"));
    const { blockHash, logIndex } = log.log;
    expect(await journal.append([on(log)])).to.have.length(1);
    expect(await journal.append([on(log)])).to.have.length(0);
    await journal.append([on({ kind: "revoked", blockHash, logIndex })]);
    expect(await journal.append([on(log)])).to.have.length(1);
    expect(await journal.append([on(log)])).to.have.length(0);
    expect(await journal.append([on({ kind: "revoked", blockHash, logIndex })])).to.have.length(1);
  });

  it("refuses a second answer to a job", async () => {
    const journal = await open();
    await journal.append([on(ANSWERED)]);
    const other: Fact = { kind: "answered", output: "0xff", executor: "reference", milliseconds: 1 };
    expect(await codeOf(() => journal.append([on(other)]))).to.equal("JOURNAL_CONFLICT");
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
  });

  it("refuses a second salt for a round", async () => {
    const journal = await open();
    await journal.append([on({ kind: "salted", round: "copies", salt: "0x01" })]);
    await journal.append([on({ kind: "salted", round: "panel", salt: "0x02" })]);
    expect(await codeOf(() => journal.append([on({ kind: "salted", round: "copies", salt: "0x03" })]))).to.equal(
      "JOURNAL_CONFLICT",
    );
  });

  it("writes the facts of a stretch of the chain and its marks together or not at all", async () => {
    const journal = await open();
    await journal.append([on(ANSWERED)]);
    const marks = [{ number: 5, hash: place(5).blockHash }];
    const both = [on(requested(jobAt("Vanilla"))), on(ANSWERED)];
    expect(await codeOf(() => journal.appendBlocks(both, marks))).to.equal("JOURNAL_CONFLICT");
    expect(await journal.blocks(10)).to.deep.equal([]);
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([ANSWERED]);
    await journal.appendBlocks([on(requested(jobAt("Vanilla")))], marks);
    expect(await journal.blocks(10)).to.deep.equal(marks);
    await journal.rewind(4, []);
    expect(await journal.blocks(10)).to.deep.equal([]);
  });

  it("appends what is true only with a block while it knows that block", async () => {
    const journal = await open();
    const mark = { number: 5, hash: place(5).blockHash };
    expect(await journal.append([on(mined(4))], mark)).to.have.length(0);
    await journal.appendBlocks([], [mark]);
    expect(await journal.append([on(mined(4))], mark)).to.have.length(1);
    await journal.rewind(4, []);
    expect(await journal.append([on(mined(5))], mark)).to.have.length(0);
    expect(await journal.factsOf(JOB_ID)).to.deep.equal([mined(4)]);
  });

  it("tells what was appended after a place in it", async () => {
    const journal = await open();
    const facts = [requested(jobAt("Zkml")), ANSWERED, signed("fulfill", 4)].map((fact) => on(fact));
    await journal.append(facts.slice(0, 1));
    const began = await journal.lastSequence();
    await journal.append(facts.slice(1));
    const { facts: first, last } = await journal.factsAfter(began, 1);
    expect(first).to.deep.equal(facts.slice(1, 2));
    expect((await journal.factsAfter(last, 10)).facts).to.deep.equal(facts.slice(2));
    expect(await journal.factsAfter(await journal.lastSequence(), 10)).to.deep.equal({
      facts: [],
      last: await journal.lastSequence(),
    });
  });

  it("knows which jobs are open: those whose latest fact does not close them", async () => {
    const journal = await open();
    const other: Hex = `0x${"0d".repeat(32)}`;
    await journal.append([on(requested(jobAt("Vanilla"))), on(requested(jobAt("Vanilla")), other)]);
    await journal.append([on({ kind: "closed", why: "settled" }), on({ kind: "closed", why: "settled" }, other)]);
    await journal.append([on({ kind: "callback-failed", log: place(9), reason: "0x" }, other)]);
    expect(await journal.openJobs()).to.deep.equal([other]);
  });

  it("says that it is closed instead of losing a fact", async () => {
    const journal = await open();
    await journal.close();
    expect(await codeOf(() => journal.append([on(ANSWERED)]))).to.equal("JOURNAL_CLOSED");
  });
}
