import { expect } from "chai";
import { AbiCoder, type BaseContract, concat, keccak256, TypedDataEncoder } from "ethers";
import fc from "fast-check";

import type { JobDescriptionStruct } from "../../../types/ethers-contracts/contracts/interfaces/IInferenceMarket.ts";
import { doubling } from "../doubling.ts";
import {
  addVersion,
  CALLBACK_AT,
  ethers,
  LEVEL,
  networkHelpers,
  passTime,
  plainJob,
  requestJob,
  served,
  TIME_TO_LIVE,
} from "../fixture.ts";
import { plainTerms, withoutLevel } from "./jobs.ts";

const load = () => networkHelpers.loadFixture(verifying);
const [INPUT, OUTPUT] = ["0x03", "0x06"];

/** A caller with evidence for its own next call. */
async function verifying() {
  const base = await served();
  const wallet = await ethers.deployContract("SignerWallet", [base.stranger]);
  const deadline = BigInt(await networkHelpers.time.latest()) + TIME_TO_LIVE;
  return { ...base, wallet, deadline };
}

type Base = Awaited<ReturnType<typeof verifying>>;
type Kind = "Tee" | "Zkml";

interface Call {
  readonly versionId: string;
  readonly level: number;
  readonly input: string;
  readonly output: string;
  readonly worker: string;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

function callOf({ versionId, worker, deadline }: Base, level: Kind): Call {
  return {
    versionId,
    level: LEVEL[level],
    input: INPUT,
    output: OUTPUT,
    worker: worker.key.address,
    nonce: 7n,
    deadline,
  };
}

/** Real evidence for a call of the wallet. */
async function evidenceFor({ market, wallet, worker }: Base, level: Kind, call: Call): Promise<string> {
  const { versionId, input, output, nonce, deadline } = call;
  const [inputHash, outputHash] = [keccak256(input), keccak256(output)];
  const digest = await market.callDigest(versionId, inputHash, outputHash, call.worker, wallet, nonce, deadline);
  if (level === "Tee") return worker.enclave.signingKey.sign(digest).serialized;
  const proof = await (await doubling()).prove(BigInt(digest) >> 8n, Number(input));
  return concat([proof, input]);
}

type Refusal = readonly [contract: BaseContract, error: string];

async function expectRefused(sending: Promise<unknown>, [contract, error]: Refusal): Promise<void> {
  await expect(sending).to.be.revertedWithCustomError(contract, error);
}

function argumentsOf({ versionId, level, input, output, worker, nonce, deadline }: Call, evidence: string) {
  return [versionId, level, input, output, evidence, worker, nonce, deadline] as const;
}

for (const level of ["Tee", "Zkml"] as const)
  describe(`an answer that is checked inside the caller's own transaction, at ${level}`, function () {
    this.timeout(60_000);

    const setup = async () => {
      const base = await load();
      const call = callOf(base, level);
      const evidence = await evidenceFor(base, level, call);
      const from = await base.wallet.getAddress();
      const verify = (changes: Partial<Call> = {}, caller = from, given = evidence) =>
        base.market
          .connect(ethers.provider)
          .verify.staticCall(...argumentsOf({ ...call, ...changes }, given), { from: caller });
      const refusal: Refusal = level === "Tee" ? [base.tee, "EnclaveNotEnrolled"] : [base.groth16, "ProofInvalid"];
      return { base, call, evidence, verify, refusal };
    };

    it("is accepted for the caller that it names, and used in a contract's transaction", async () => {
      const { base, call, evidence, verify } = await setup();
      await verify();
      const data = base.market.interface.encodeFunctionData("verify", [...argumentsOf(call, evidence)]);
      const used = base.wallet.getFunction("execute").send(await base.market.getAddress(), 0n, data);
      expect((await (await used).wait())?.status).to.equal(1);
    });

    it("is refused for another caller, nonce, deadline, worker or output", async () => {
      const { base, verify, refusal, call } = await setup();
      await expectRefused(verify({}, base.stranger.address), refusal);
      const other = base.requester.address;
      for (const change of [{ nonce: 8n }, { deadline: call.deadline + 1n }, { worker: other }, { output: "0x08" }])
        await expectRefused(verify(change), refusal);
    });

    it("is refused for another input, and another version", async () => {
      const { base, verify, refusal } = await setup();
      const otherInput: Refusal = level === "Tee" ? refusal : [base.groth16, "InputMismatch"];
      await expectRefused(verify({ input: "0x04" }), otherInput);
      const versionId = await addVersion(base, { manifestDigest: keccak256("0x99") });
      await expectRefused(verify({ versionId }), refusal);
      const unknown = keccak256("0x");
      await expect(verify({ versionId: unknown }))
        .to.be.revertedWithCustomError(base.models, "VersionUnknown")
        .withArgs(unknown);
    });

    it("is refused at levels that need no evidence or that the version does not allow", async () => {
      const { base, verify } = await setup();
      await expect(verify({ level: LEVEL.Vanilla }))
        .to.be.revertedWithCustomError(base.market, "LevelNotAllowed")
        .withArgs(base.versionId, LEVEL.Vanilla);
      const versionId = await addVersion(base, level === "Tee" ? { levels: 5 } : { levels: 3 });
      await expect(verify({ versionId }))
        .to.be.revertedWithCustomError(base.market, "LevelNotAllowed")
        .withArgs(versionId, LEVEL[level]);
      const otherLevel = level === "Tee" ? LEVEL.Zkml : LEVEL.Tee;
      await expectRefused(
        verify({ level: otherLevel }),
        level === "Tee" ? [base.groth16, "EvidenceTooShort"] : [base.tee, "SignatureLength"],
      );
    });

    it("counts up to the last second of its deadline, also when new requests are paused", async () => {
      const { base, verify, call } = await setup();
      const { market, wallet, admin } = base;
      await market.connect(admin).setPaused(true);
      await networkHelpers.time.increaseTo(call.deadline);
      await verify();
      await passTime(call.deadline);
      const { chainId } = await ethers.provider.getNetwork();
      const callId = callIdOf(chainId, await market.getAddress(), await wallet.getAddress(), call.nonce);
      await expect(verify()).to.be.revertedWithCustomError(market, "JobTooLate").withArgs(callId, call.deadline);
    });

    it("does not count for a job, nor does a job's evidence count for a call", async () => {
      const { base, evidence, verify, refusal } = await setup();
      const { market, worker } = base;
      const { job, terms } = await requestJob(base, { level: LEVEL[level] });
      await expect(market.connect(worker.key).fulfill(job, OUTPUT, evidence)).to.be.revertedWithCustomError(...refusal);
      const digest = await market.resultDigest(job, keccak256(OUTPUT), worker.key);
      const ofJob =
        level === "Tee"
          ? worker.enclave.signingKey.sign(digest).serialized
          : concat([await (await doubling()).prove(BigInt(digest) >> 8n, 3), INPUT]);
      await expectRefused(verify({ deadline: terms.deadline }, await base.wallet.getAddress(), ofJob), refusal);
      await market.connect(worker.key).fulfill(job, OUTPUT, ofJob);
    });
  });

function callIdOf(chainId: bigint, market: string, caller: string, nonce: bigint): string {
  const types = ["string", "uint256", "address", "address", "uint256"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, ["Assay call", chainId, market, caller, nonce]));
}

describe("the digest of a call", () => {
  it("is the EIP-712 digest of a result whose job id names caller and nonce", async () => {
    const base = await load();
    const { market, wallet, worker, versionId, deadline } = base;
    const { chainId } = await ethers.provider.getNetwork();
    const address = await market.getAddress();
    const value = {
      jobId: callIdOf(chainId, address, await wallet.getAddress(), 7n),
      versionId,
      inputHash: keccak256(INPUT),
      outputHash: keccak256(OUTPUT),
      worker: worker.key.address,
      deadline,
    };
    const types = {
      Result: [
        { name: "jobId", type: "bytes32" },
        { name: "versionId", type: "bytes32" },
        { name: "inputHash", type: "bytes32" },
        { name: "outputHash", type: "bytes32" },
        { name: "worker", type: "address" },
        { name: "deadline", type: "uint40" },
      ],
    };
    const domain = { name: "Assay", version: "1", chainId, verifyingContract: address };
    expect(
      await market.callDigest(versionId, value.inputHash, value.outputHash, worker.key, wallet, 7n, deadline),
    ).to.equal(TypedDataEncoder.hash(domain, types, value));
  });
});

describe("a packed job", function () {
  this.timeout(60_000);

  const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => ethers.hexlify(bytes));
  const address = fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((bytes) => ethers.getAddress(ethers.hexlify(bytes)));
  const below = (bits: bigint) => fc.oneof(fc.bigInt(0n, 2n ** bits - 1n), fc.constantFrom(0n, 2n ** bits - 1n));
  const terms = fc
    .record({
      versionId: word,
      inputHash: word,
      requester: address,
      consumer: address,
      level: fc.constantFrom(0n, 1n, 2n),
      callbackAt: fc.constantFrom(BigInt(CALLBACK_AT.Executed), BigInt(CALLBACK_AT.Final)),
      callbackGas: below(32n),
      minFee: below(96n),
      maxFee: below(96n),
      requestedAt: fc.bigInt(0n, 2n ** 40n - 2n ** 32n),
      deadline: below(32n),
      challengeWindow: below(32n),
      copies: fc.bigInt(0n, 15n),
      requestBlock: below(48n),
      candidates: below(32n),
      maxPrice: below(80n),
      royalty: below(96n),
      outputBytes: below(32n),
      textOutput: fc.boolean(),
      feeBasisPoints: below(16n),
      nonce: below(64n),
    })
    .map((fields): JobDescriptionStruct => ({ ...fields, deadline: fields.requestedAt + fields.deadline }));

  it("is unpacked to the terms that it was packed from", async () => {
    const { market } = await load();
    await fc.assert(
      fc.asyncProperty(terms, async (description) => {
        const job = plainJob(await market.packJob(description));
        expect(plainTerms(await market.describe(job))).to.deep.equal(description);
      }),
      { numRuns: 60 },
    );
  });

  it("is packed again to the same words", async () => {
    const base = await load();
    const { job, jobId, terms: asked } = await requestJob(base, { callbackGas: 9n, minFee: 10n ** 11n });
    const packed = plainJob(await base.market.packJob(plainTerms(asked)));
    expect(packed).to.deep.equal(job);
    expect(await base.market.jobIdOf(packed)).to.equal(jobId);
  });

  it("has room for every value that a request can have, and is refused beyond", async () => {
    const base = await load();
    const { market } = base;
    const { terms: asked, job } = await requestJob(base);
    const plain = plainTerms(asked);
    const [longest, most] = [2n ** 32n - 1n, 15n];
    await expect(market.packJob({ ...plain, deadline: asked.requestedAt + longest + 1n }))
      .to.be.revertedWithCustomError(market, "TimeToLiveOutOfRange")
      .withArgs(longest + 1n, 0n, longest);
    await expect(market.packJob({ ...plain, copies: most + 1n }))
      .to.be.revertedWithCustomError(market, "CopiesOutOfRange")
      .withArgs(most + 1n, most);
    await expect(market.packJob({ ...plain, deadline: asked.requestedAt - 1n })).to.be.revertedWithPanic(0x11);
    await expect(market.describe(withoutLevel(job))).to.be.revertedWithPanic(0x21);
  });
});
