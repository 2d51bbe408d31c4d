import type { Log, TransactionReceipt } from "ethers";

import { SdkError } from "./errors.ts";

/**
 * The first fact of a kind that a contract put into a receipt. Throws `FACT_MISSING` if there is none, which means that
 * the address is another contract's.
 */
export function findFact<Fact extends { readonly kind: string }, Kind extends Fact["kind"]>(
  receipt: TransactionReceipt,
  address: string,
  decode: (logs: readonly Log[]) => readonly Fact[],
  kind: Kind,
): Extract<Fact, { readonly kind: Kind }> {
  const isWanted = (fact: Fact): fact is Extract<Fact, { readonly kind: Kind }> => fact.kind === kind;
  const fact = decode(receipt.logs.filter((log) => log.address === address)).find(isWanted);
  if (fact === undefined)
    throw new SdkError("FACT_MISSING", `transaction ${receipt.hash} emitted no ${kind}: check the deployment`);
  return fact;
}
