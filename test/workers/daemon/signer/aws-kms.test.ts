import { expect } from "chai";
import { computeAddress, keccak256, SigningKey, toUtf8Bytes, Transaction, verifyTypedData } from "ethers";

import { awsKmsSigner } from "../../../../workers/daemon/signer/aws-kms.ts";
import { signerErrorOf } from "./error-of.ts";
import { type LocalKms, startLocalKms } from "./local-kms.ts";

const KEY = new SigningKey(keccak256(toUtf8Bytes("a key in a service")));
const OTHER = new SigningKey(keccak256(toUtf8Bytes("another key")));
const HALF_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n / 2n;
const transaction = (nonce: number) => ({
  type: 2,
  chainId: 31337,
  nonce,
  gasLimit: 21_000n,
  maxFeePerGas: 10n ** 9n,
  maxPriorityFeePerGas: 1n,
  to: computeAddress(OTHER.publicKey),
  value: 5n,
  data: "0x1234",
});

describe("a key in AWS KMS (a local server that speaks its protocol)", () => {
  let kms: LocalKms;
  const credentials = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret", AWS_MAX_ATTEMPTS: "1" };
  const before = Object.keys(credentials).map((name) => [name, process.env[name]] as const);
  const open = (timeout?: number) =>
    awsKmsSigner({
      keyId: "alias/worker",
      region: "eu-central-1",
      endpoint: kms.url,
      ...(timeout !== undefined && { timeout }),
    });

  beforeEach(async () => {
    // The client signs its requests with credentials; nobody checks these. One attempt, so that failures are not waited for.
    Object.assign(process.env, credentials);
    kms = await startLocalKms(KEY);
  });
  afterEach(async () => {
    await kms.close();
    for (const [name, value] of before)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
  });

  it("has the address of the public key that the service gives", async () => {
    const signer = await open();
    expect(signer.address).to.equal(computeAddress(KEY.publicKey));
    expect(await signer.getAddress()).to.equal(signer.address);
  });

  it("signs transactions that the chain takes, whichever s the service gives and whichever bit recovers", async () => {
    const signer = await open();
    const bits = new Set<number>();
    for (let nonce = 0; nonce < 12; nonce++) {
      kms.highS = nonce % 2 === 1;
      const signed = Transaction.from(await signer.signTransaction(transaction(nonce)));
      expect(signed.from).to.equal(signer.address);
      expect(signed.nonce).to.equal(nonce);
      expect(signed.unsignedHash).to.equal(Transaction.from(transaction(nonce)).unsignedHash);
      expect(BigInt(signed.signature?.s ?? 0) <= HALF_ORDER).to.equal(true);
      bits.add(signed.signature?.yParity ?? 2);
    }
    expect([...bits].sort()).to.deep.equal([0, 1]);
  });

  it("signs typed data", async () => {
    const signer = await open();
    const domain = { name: "a token", chainId: 1 };
    const types = { Permit: [{ name: "value", type: "uint256" }] };
    const signature = await signer.signTypedData(domain, types, { value: 7n });
    expect(verifyTypedData(domain, types, { value: 7n }, signature)).to.equal(signer.address);
  });

  it("refuses a signature by another key than it named: SIGNER_MISMATCH", async () => {
    const signer = await open();
    kms.signsWith = OTHER;
    expect(await signerErrorOf(signer.signTransaction(transaction(0)))).to.include({
      code: "SIGNER_MISMATCH",
      retryable: false,
    });
  });

  it("refuses to sign for somebody else: SIGNER_MISMATCH, and asks the service for nothing", async () => {
    const signer = await open();
    const asked = kms.calls.length;
    const from = computeAddress(OTHER.publicKey);
    expect((await signerErrorOf(signer.signTransaction({ ...transaction(0), from }))).code).to.equal("SIGNER_MISMATCH");
    expect(kms.calls).to.have.length(asked);
  });

  it("refuses a key of another curve: SIGNER_KEY_UNSUITABLE", async () => {
    await kms.close();
    kms = await startLocalKms(KEY, "ECC_NIST_P256");
    expect((await signerErrorOf(open())).code).to.equal("SIGNER_KEY_UNSUITABLE");
  });

  it("tells what the service refuses from what passes", async () => {
    const signer = await open();
    const codeAfter = async (status: number, type: string) => {
      kms.failure = { status, type };
      const { code, retryable, message } = await signerErrorOf(signer.signTransaction(transaction(0)));
      expect(message).to.include(type);
      return [code, retryable];
    };
    expect(await codeAfter(400, "AccessDeniedException")).to.deep.equal(["SIGNER_REFUSED", false]);
    expect(await codeAfter(400, "DisabledException")).to.deep.equal(["SIGNER_REFUSED", false]);
    expect(await codeAfter(400, "ThrottlingException")).to.deep.equal(["SIGNER_UNAVAILABLE", true]);
    expect(await codeAfter(500, "KMSInternalException")).to.deep.equal(["SIGNER_UNAVAILABLE", true]);
    await kms.close();
    expect(await signerErrorOf(signer.signTransaction(transaction(0)))).to.include({
      code: "SIGNER_UNAVAILABLE",
      retryable: true,
    });
  });
});
