import { expect } from "chai";
import { keccak256 } from "ethers";

import { flipped } from "../../../../workers/tee/development/authority.ts";
import { enrolmentOf, MEASUREMENT, PLATFORM } from "../../enclaves.ts";
import { ENCLAVE_GRACE, ethers, LEVEL, networkHelpers, passTime, requestJob, signatureFor } from "../../fixture.ts";
import {
  believed,
  ENCLAVE,
  enrolled,
  load,
  now,
  OTHER_ENCLAVE,
  recoverTcb,
  revokePlatform,
  UPDATED,
} from "./fixture.ts";

const OUTDATED = 1;
const REVOKED = 2;
const DAY = 86_400n;

/** An enclave with a quote of which the test says what becomes of it. */
async function judged() {
  const base = await load();
  const { enclaves, worker, trusting } = base;
  const enrolment = await believed(base, ENCLAVE, worker.key.address, { validUntil: (await now()) + DAY });
  await enclaves.enroll(enrolment);
  const { quote } = enrolment;
  return { ...base, quote, judge: (standing: number) => trusting.getFunction("setStanding")(quote, standing) };
}

describe("a quote that was taken", function () {
  this.timeout(60_000);

  it("ends nothing while it is good", async () => {
    const { enclaves, quote } = await judged();
    await expect(enclaves.invalidateByQuote(ENCLAVE, quote))
      .to.be.revertedWithCustomError(enclaves, "EnclaveStillValid")
      .withArgs(ENCLAVE.address);
  });

  it("ends its enrolment at once, by anyone, when it is revoked", async () => {
    const { enclaves, quote, judge, stranger } = await judged();
    await judge(REVOKED);
    await expect(enclaves.connect(stranger).invalidateByQuote(ENCLAVE, quote))
      .to.emit(enclaves, "EnclaveInvalidated")
      .withArgs(ENCLAVE.address, MEASUREMENT);
    await expect(enclaves.invalidateByQuote(ENCLAVE, quote))
      .to.be.revertedWithCustomError(enclaves, "EnclaveUnknown")
      .withArgs(ENCLAVE.address);
  });

  it("puts its enrolment on notice when it is outdated, once, and no later call moves the end", async () => {
    const { enclaves, quote, judge, stranger } = await judged();
    await judge(OUTDATED);
    const sending = enclaves.connect(stranger).invalidateByQuote(ENCLAVE, quote);
    await sending;
    const until = (await now()) + ENCLAVE_GRACE;
    await expect(sending).to.emit(enclaves, "EnclaveOnNotice").withArgs(ENCLAVE.address, MEASUREMENT, until);
    expect((await enclaves.bindingOf(ENCLAVE)).expiresAt).to.equal(until);
    for (const seconds of [1, Number(ENCLAVE_GRACE) / 2]) {
      await networkHelpers.time.increase(seconds);
      await expect(enclaves.invalidateByQuote(ENCLAVE, quote))
        .to.be.revertedWithCustomError(enclaves, "AlreadyOnNotice")
        .withArgs(ENCLAVE.address, until);
    }
    await passTime(until);
    await enclaves.invalidate(ENCLAVE);
  });

  it("gives no notice to what expires within the grace anyway", async () => {
    const base = await load();
    const { enclaves, trusting, worker } = base;
    const validUntil = (await now()) + ENCLAVE_GRACE;
    const { quote, ...rest } = await believed(base, ENCLAVE, worker.key.address, { validUntil });
    await enclaves.enroll({ ...rest, quote });
    await trusting.getFunction("setStanding")(quote, OUTDATED);
    await expect(enclaves.invalidateByQuote(ENCLAVE, quote))
      .to.be.revertedWithCustomError(enclaves, "AlreadyOnNotice")
      .withArgs(ENCLAVE.address, validUntil);
  });

  it("may be revoked after a notice, too", async () => {
    const { enclaves, quote, judge } = await judged();
    await judge(OUTDATED);
    await enclaves.invalidateByQuote(ENCLAVE, quote);
    await judge(REVOKED);
    await enclaves.invalidateByQuote(ENCLAVE, quote);
    expect((await enclaves.enclaveOf(ENCLAVE)).expiresAt).to.equal(0n);
  });

  it("decides nothing where its verifier cannot tell", async () => {
    const { enclaves, quote, trusting } = await judged();
    await trusting.getFunction("lose")();
    await expect(enclaves.invalidateByQuote(ENCLAVE, quote)).to.be.revertedWithCustomError(trusting, "StandingUnknown");
    expect((await enclaves.bindingOf(ENCLAVE)).current).to.equal(true);
  });

  it("is the only one that counts for an enclave: another's, a twin's or an older one's does not", async () => {
    const base = await load();
    const { enclaves } = base;
    const first = await enrolled(base);
    const others = await enrolled(base, OTHER_ENCLAVE);
    const twin = Uint8Array.from(first);
    twin.set(flipped(first.slice(636, 700)), 636);
    const second = await enrolled(base);
    await recoverTcb(base);
    for (const quote of [others, twin, first])
      await expect(enclaves.invalidateByQuote(ENCLAVE, quote))
        .to.be.revertedWithCustomError(enclaves, "OtherQuote")
        .withArgs(keccak256(quote), keccak256(second));
    await enclaves.invalidateByQuote(ENCLAVE, second);
  });
});

describe("a TCB recovery", function () {
  this.timeout(60_000);

  it("gives a worker the grace to update its platform, and a renewal from there lifts the notice", async () => {
    const base = await load();
    const { enclaves, collateral, market, worker, stranger } = base;
    const quote = await enrolled(base, worker.enclave);
    await recoverTcb(base);
    const renewal = await enrolmentOf(enclaves, worker.enclave, worker.key);
    await expect(enclaves.enroll(renewal)).to.be.revertedWithCustomError(collateral, "TcbStatusRefused").withArgs(5);

    await enclaves.connect(stranger).invalidateByQuote(worker.enclave, quote);
    const { expiresAt: until } = await enclaves.enclaveOf(worker.enclave);
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06"));

    await enclaves.enroll(await enrolmentOf(enclaves, worker.enclave, worker.key, { body: UPDATED }));
    expect((await enclaves.enclaveOf(worker.enclave)).expiresAt).to.be.greaterThan(until);
    await expect(enclaves.invalidateByQuote(worker.enclave, quote)).to.be.revertedWithCustomError(
      enclaves,
      "OtherQuote",
    );
  });

  it("ends the enclaves of platforms that are not updated", async () => {
    const base = await load();
    const { enclaves, tee, market, worker } = base;
    const quote = await enrolled(base, worker.enclave);
    await recoverTcb(base);
    await enclaves.invalidateByQuote(worker.enclave, quote);
    const { expiresAt } = await enclaves.enclaveOf(worker.enclave);
    await passTime(expiresAt);
    const { job } = await requestJob(base, { level: LEVEL.Tee });
    await expect(market.connect(worker.key).fulfill(job, "0x06", await signatureFor(base, job, worker, "0x06")))
      .to.be.revertedWithCustomError(tee, "EnclaveExpired")
      .withArgs(worker.enclave.address, expiresAt);
  });

  it("in which the version itself is revoked ends them at once", async () => {
    const base = await load();
    const quote = await enrolled(base);
    await recoverTcb(base, "Revoked");
    await base.enclaves.invalidateByQuote(ENCLAVE, quote);
    expect((await base.enclaves.enclaveOf(ENCLAVE)).expiresAt).to.equal(0n);
  });
});

describe("a platform of which the certificate is revoked", function () {
  this.timeout(60_000);

  it("loses its enclaves to anyone who shows their quotes, and enrols no others", async () => {
    const base = await load();
    const { enclaves, certificates, worker, stranger } = base;
    const quote = await enrolled(base);
    const next = await enrolmentOf(enclaves, OTHER_ENCLAVE, worker.key);
    await revokePlatform(base);
    await enclaves.connect(stranger).invalidateByQuote(ENCLAVE, quote);
    expect((await enclaves.enclaveOf(ENCLAVE)).expiresAt).to.equal(0n);
    await expect(enclaves.enroll(next)).to.be.revertedWithCustomError(certificates, "CertificateRevoked");
  });

  it("cannot be made to seem revoked, or outdated, by too little gas", async () => {
    const base = await load();
    const { enclaves, stranger } = base;
    const quote = await enrolled(base);
    await base.certificates.remember(PLATFORM.chains.pck);
    const enough = await enclaves
      .connect(stranger)
      .enroll.estimateGas(await enrolmentOf(enclaves, ENCLAVE, base.worker.key));
    const data = enclaves.interface.encodeFunctionData("invalidateByQuote", [ENCLAVE.address, quote]);
    const to = await enclaves.getAddress();
    const still = enclaves.interface.getError("EnclaveStillValid")?.selector ?? "";
    const outcomes = new Set<string>();
    for (let gas = 150_000n; gas <= enough; gas += 24_999n) {
      // A call that came through would be a notice or a revocation.
      await ethers.provider.call({ to, data, gasLimit: gas }).then(
        () => outcomes.add(`ended with ${gas}`),
        (error: unknown) => outcomes.add(dataOf(error).startsWith(still) ? "still valid" : "reverted"),
      );
    }
    expect([...outcomes].sort()).to.deep.equal(["reverted", "still valid"]);
  });
});

function dataOf(error: unknown): string {
  return error instanceof Error && "data" in error && typeof error.data === "string" ? error.data : "";
}
