import { expect } from "chai";
import { keccak256, toBeHex, Wallet } from "ethers";

import type { StatementStruct } from "../../../types/ethers-contracts/contracts/verifiers/TeeVerifier.ts";
import { measurement } from "../../../workers/tee/development/image.ts";
import { enroll, MEASUREMENT } from "../enclaves.ts";
import { type Deployed, ethers, load, networkHelpers, specOf } from "./fixture.ts";

const ENCLAVE = new Wallet(keccak256("0x01"));
const SECOND_ENCLAVE = new Wallet(keccak256("0x02"));
const OWN_IMAGE = "code of its own";
const OWN_MEASUREMENT = measurement(OWN_IMAGE);

interface Signed {
  readonly statement: StatementStruct;
  readonly evidence: string;
}

function signed(worker: string, index: number, enclave: Wallet, overrides: Partial<StatementStruct> = {}): Signed {
  const resultDigest = keccak256(toBeHex(index, 32));
  const statement = {
    resultDigest,
    versionId: ethers.ZeroHash,
    inputHash: ethers.ZeroHash,
    worker,
    verificationKey: ethers.ZeroAddress,
    ownMeasurements: false,
    output: "0x",
    ...overrides,
  };
  return { statement, evidence: enclave.signingKey.sign(resultDigest).serialized };
}

const verifyAll = ({ tee }: Pick<Deployed, "tee">, items: readonly Signed[]) =>
  tee.verifyAll(
    items.map(({ statement }) => statement),
    items.map(({ evidence }) => evidence),
  );

async function enrolled() {
  const base = await load();
  await enroll(base.enclaves, ENCLAVE, base.worker);
  await enroll(base.enclaves, SECOND_ENCLAVE, base.other);
  const [first, second] = [base.worker.address, base.other.address];
  const items = [
    signed(first, 0, ENCLAVE),
    signed(first, 1, ENCLAVE),
    signed(second, 2, SECOND_ENCLAVE),
    signed(first, 3, ENCLAVE),
  ];
  return { ...base, items };
}

describe("signatures of enclaves, several at once", function () {
  this.timeout(60_000);

  it("hold if each of them does, for any workers and from none on", async () => {
    const base = await enrolled();
    for (let count = 0; count <= base.items.length; count++) await verifyAll(base, base.items.slice(0, count));
    for (const { statement, evidence } of base.items) await base.tee.verify(statement, evidence);
  });

  it("are refused if any is bad, with its reason", async () => {
    const base = await enrolled();
    const { tee, items, stranger, worker, other } = base;
    for (const index of items.keys()) {
      const at = (bad: Signed) =>
        verifyAll(
          base,
          items.map((item, place) => (place === index ? bad : item)),
        );
      const item = items[index];
      if (!item) throw new Error("the item is missing");
      await expect(at({ ...item, evidence: "0x" })).to.be.revertedWithCustomError(tee, "SignatureLength");
      await expect(at({ ...item, evidence: ethers.hexlify(new Uint8Array(65)) })).to.be.revertedWithCustomError(
        tee,
        "SignatureInvalid",
      );
      await expect(at(signed(worker.address, index, new Wallet(keccak256("0x03"))))).to.be.revertedWithCustomError(
        tee,
        "EnclaveNotEnrolled",
      );
      for (const [enclave, owner] of [
        [ENCLAVE, worker],
        [SECOND_ENCLAVE, other],
      ] as const)
        await expect(at(signed(stranger.address, index, enclave)))
          .to.be.revertedWithCustomError(tee, "EnclaveOfOtherWorker")
          .withArgs(enclave.address, owner.address, stranger.address);
    }
    await expect(tee.verifyAll([], ["0x"]))
      .to.be.revertedWithCustomError(tee, "EvidenceCountMismatch")
      .withArgs(0, 1);
  });

  it("are judged by each statement's own version, also right after one of another by the same enclave", async () => {
    const base = await enrolled();
    const { tee, models, owner, worker } = base;
    const spec = specOf({ measurements: [OWN_MEASUREMENT] });
    const versionId = await models.versionIdOf(1, spec);
    const sample = { binding: 0n, input: "0x", output: "0x", proof: "0x" };
    await models.connect(owner).addVersion(1, spec, "0x", sample);
    const own = new Wallet(keccak256("0x04"));
    await enroll(base.enclaves, own, worker, { image: OWN_IMAGE });

    const accepted = signed(worker.address, 1, ENCLAVE, { versionId });
    const ofVersion = { versionId, ownMeasurements: true };
    await verifyAll(base, [signed(worker.address, 0, own, ofVersion), accepted]);
    for (const [first, second, measurement] of [
      [accepted, signed(worker.address, 2, ENCLAVE, ofVersion), MEASUREMENT],
      [signed(worker.address, 0, own, ofVersion), signed(worker.address, 1, own, { versionId }), OWN_MEASUREMENT],
      [
        signed(worker.address, 0, own, ofVersion),
        signed(worker.address, 1, own, { versionId: keccak256("0x99"), ownMeasurements: true }),
        OWN_MEASUREMENT,
      ],
    ] as const)
      await expect(verifyAll(base, [first, second]))
        .to.be.revertedWithCustomError(tee, "MeasurementNotAccepted")
        .withArgs(second.statement.versionId, measurement);
  });

  it("are refused once the enrolment has expired", async () => {
    const base = await enrolled();
    const { expiresAt } = await base.enclaves.enclaveOf(ENCLAVE);
    await networkHelpers.time.increaseTo(expiresAt + 1n);
    await expect(verifyAll(base, base.items)).to.be.revertedWithCustomError(base.tee, "EnclaveExpired");
  });

  it("cost less in the order of workers: what is known of an enclave is not read again", async () => {
    const base = await enrolled();
    const [first, second] = [base.worker.address, base.other.address];
    const one = [0, 1].map((index) => signed(first, index, ENCLAVE));
    const two = [2, 3].map((index) => signed(second, index, SECOND_ENCLAVE));
    const gas = async (items: readonly (Signed | undefined)[]) => {
      const given = items.filter((item) => item !== undefined);
      const statements = given.map(({ statement }) => statement);
      return Number(
        await base.tee.verifyAll.estimateGas(
          statements,
          given.map(({ evidence }) => evidence),
        ),
      );
    };
    const inOrder = await gas([...one, ...two]);
    const alternating = await gas([one[0], two[0], one[1], two[1]]);
    expect(alternating - inOrder).to.be.above(2_000);
  });
});
