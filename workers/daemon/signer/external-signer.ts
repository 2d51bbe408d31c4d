import {
  AbstractSigner,
  copyRequest,
  type Provider,
  resolveAddress,
  Transaction,
  type TransactionRequest,
  type TypedDataDomain,
  type TypedDataField,
} from "ethers";

import type { TransactionSigner } from "../lane/transaction-signer.ts";
import { SignerError } from "./signer-error.ts";

/** Holds a key that this process never sees. */
export interface KeyService {
  /** What it is called in errors. */
  readonly name: string;
  readonly address: string;
  /** The raw signed transaction. */
  signTransaction(transaction: Transaction): Promise<string>;
  signTypedData(domain: TypedDataDomain, types: TypedDataTypes, value: TypedDataValue): Promise<string>;
}
export type TypedDataTypes = Record<string, TypedDataField[]>;
export type TypedDataValue = Record<string, unknown>;

/** Half of the order of secp256k1: the chain takes only signatures whose `s` is not above it (EIP-2). */
const HALF_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n / 2n;

/**
 * A signer whose key is elsewhere, as ethers and the worker take it. What comes back is not trusted: it must be the transaction
 * that was asked for, signed by the key that was named, with a signature that the chain takes.
 */
export class ExternalSigner extends AbstractSigner implements TransactionSigner {
  readonly address: string;
  readonly #service: KeyService;

  constructor(service: KeyService, provider: Provider | null = null) {
    super(provider);
    this.address = service.address;
    this.#service = service;
  }

  override getAddress(): Promise<string> {
    return Promise.resolve(this.address);
  }

  override connect(provider: Provider | null): ExternalSigner {
    return new ExternalSigner(this.#service, provider);
  }

  /** Throws `SIGNER_MISMATCH`, and whatever the service throws. */
  override async signTransaction(request: TransactionRequest): Promise<string> {
    const { from, to, ...rest } = copyRequest(request);
    if (from !== undefined) this.#check("the sender", await resolveAddress(from, this.provider));
    const asked = Transaction.from({ ...rest, to: to === undefined ? null : await resolveAddress(to, this.provider) });
    const raw = await this.#service.signTransaction(asked);
    const signed = this.#parsed(raw);
    if (signed.unsignedHash !== asked.unsignedHash)
      throw this.#mismatch("signed another transaction than it was asked for");
    this.#check("the signer", signed.from);
    if (signed.signature === null || BigInt(signed.signature.s) > HALF_ORDER)
      throw this.#mismatch("made a signature that the chain does not take: its s is above half of the order");
    return raw;
  }

  override signTypedData(domain: TypedDataDomain, types: TypedDataTypes, value: TypedDataValue): Promise<string> {
    return this.#service.signTypedData(domain, types, value);
  }

  override signMessage(): Promise<string> {
    return Promise.reject(new SignerError("SIGNER_REFUSED", `${this.#service.name} signs transactions only`));
  }

  #parsed(raw: string): Transaction {
    try {
      return Transaction.from(raw);
    } catch (cause) {
      throw this.#mismatch("gave no signed transaction", cause);
    }
  }

  #check(what: string, found: string | null): void {
    if (found?.toLowerCase() !== this.address.toLowerCase())
      throw this.#mismatch(`acts for ${this.address}, but ${what} is ${found ?? "nobody"}`);
  }

  #mismatch(what: string, cause?: unknown): SignerError {
    const { name } = this.#service;
    return new SignerError("SIGNER_MISMATCH", `${name} ${what}`, { details: { address: this.address }, cause });
  }
}
