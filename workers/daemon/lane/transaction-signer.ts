import type { TransactionLike } from "ethers";

/** Who signs for the worker's key: an ethers `Wallet` is one, and so is anything that asks a key service. */
export interface TransactionSigner {
  readonly address: string;
  /** The raw signed transaction. */
  signTransaction(transaction: TransactionLike): Promise<string>;
}
