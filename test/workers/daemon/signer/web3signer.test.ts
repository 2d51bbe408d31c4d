import { expect } from "chai";
import { keccak256, toUtf8Bytes, Transaction, type TransactionLike, verifyTypedData, Wallet } from "ethers";

import { web3signer } from "../../../../workers/daemon/signer/web3signer.ts";
import { signerErrorOf } from "./error-of.ts";
import { type JsonAnswer, type JsonServer, startJsonServer } from "./json-server.ts";

const wallet = new Wallet(keccak256(toUtf8Bytes("a key in web3signer")));
const other = new Wallet(keccak256(toUtf8Bytes("another key")));
const REQUEST = {
  type: 2,
  chainId: 31337,
  nonce: 3,
  gasLimit: 50_000n,
  maxFeePerGas: 2n * 10n ** 9n,
  maxPriorityFeePerGas: 10n,
  to: other.address,
  value: 1n,
  data: "0xabcd",
};
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** What the signer is asked for, as ethers takes it. */
function asked({ gas, from, ...rest }: Record<string, string>): TransactionLike {
  expect(from).to.equal(wallet.address);
  // As web3signer does: a legacy transaction if there is a gas price.
  const type = rest["gasPrice"] === undefined ? 2 : 0;
  return { ...rest, type, nonce: Number(rest["nonce"]), gasLimit: gas ?? "0x0" };
}

describe("a key in web3signer (a local server that speaks its protocol)", () => {
  let server: JsonServer | undefined;
  let accounts: string[] = [];
  /** Signs as it is asked to, unless a test replaces it. */
  let signing: (request: TransactionLike) => Promise<JsonAnswer>;
  const result = (value: unknown): JsonAnswer => ({ body: { jsonrpc: "2.0", id: 1, result: value } });

  const open = async () => {
    server = await startJsonServer(async ({ method, params }) => {
      if (method === "eth_accounts") return result(accounts);
      if (!Array.isArray(params)) throw new Error("no parameters");
      if (method === "eth_signTransaction") return signing(asked(params[0] as Record<string, string>));
      const { domain, types, message } = JSON.parse(String(params[1])) as TypedData;
      delete types["EIP712Domain"];
      return result(await wallet.signTypedData(domain, types, message));
    });
    return web3signer({ url: server.url, address: wallet.address, timeout: 30_000 });
  };
  interface TypedData {
    readonly domain: object;
    readonly types: Record<string, { name: string; type: string }[]>;
    readonly message: Record<string, unknown>;
  }

  beforeEach(() => {
    accounts = [other.address, wallet.address.toLowerCase()];
    signing = async (request) => result(await wallet.signTransaction(request));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it("signs transactions of both kinds", async () => {
    const signer = await open();
    const signed = Transaction.from(await signer.signTransaction(REQUEST));
    expect(signed.unsignedHash).to.equal(Transaction.from(REQUEST).unsignedHash);
    expect(signed.from).to.equal(wallet.address);
    const { chainId, nonce, gasLimit, to, value, data } = REQUEST;
    const legacy = { type: 0, gasPrice: 5n, chainId, nonce, gasLimit, to, value, data };
    expect(Transaction.from(await signer.signTransaction(legacy)).from).to.equal(wallet.address);
  });

  it("signs typed data", async () => {
    const signer = await open();
    const domain = { name: "a token" };
    const types = { Permit: [{ name: "value", type: "uint256" }] };
    const signature = await signer.signTypedData(domain, types, { value: 7n });
    expect(verifyTypedData(domain, types, { value: 7n }, signature)).to.equal(wallet.address);
  });

  it("refuses a service that has not the key: SIGNER_KEY_UNSUITABLE", async () => {
    accounts = [other.address];
    expect((await signerErrorOf(open())).code).to.equal("SIGNER_KEY_UNSUITABLE");
  });

  const swaps: Record<string, (request: TransactionLike) => Promise<string>> = {
    "by another key": (request) => other.signTransaction(request),
    "of another amount": (request) => wallet.signTransaction({ ...request, value: 10n ** 18n }),
    "of another nonce": (request) => wallet.signTransaction({ ...request, nonce: 4 }),
    "for another chain": (request) => wallet.signTransaction({ ...request, chainId: 1 }),
    "with an s that the chain does not take": async (request) => withHighS(await wallet.signTransaction(request)),
    "that is none": () => Promise.resolve("0x1234"),
  };
  for (const [what, sign] of Object.entries(swaps))
    it(`refuses a transaction ${what}: SIGNER_MISMATCH`, async () => {
      signing = async (request) => result(await sign(request));
      const signer = await open();
      expect(await signerErrorOf(signer.signTransaction(REQUEST))).to.include({
        code: "SIGNER_MISMATCH",
        retryable: false,
      });
    });

  it("tells what the service refuses from what passes", async () => {
    const signer = await open();
    signing = () =>
      Promise.resolve({ body: { jsonrpc: "2.0", id: 1, error: { code: -32000, message: "no such key" } } });
    expect(await signerErrorOf(signer.signTransaction(REQUEST))).to.include({
      code: "SIGNER_REFUSED",
      retryable: false,
    });
    signing = () => Promise.resolve({ body: ["not", "JSON-RPC"] });
    expect((await signerErrorOf(signer.signTransaction(REQUEST))).code).to.equal("SIGNER_REFUSED");
    signing = () => Promise.resolve({ status: 503, body: {} });
    expect(await signerErrorOf(signer.signTransaction(REQUEST))).to.include({
      code: "SIGNER_UNAVAILABLE",
      retryable: true,
    });
  });
});

/** The same transaction with the other of the two signatures: valid for the curve, refused by the chain. */
function withHighS(raw: string): string {
  const { signature } = Transaction.from(raw);
  if (signature === null) throw new Error("it is not signed");
  const high = (ORDER - BigInt(signature.s)).toString(16);
  return raw.replace(signature.s.slice(2), high);
}
