import { read } from "./access.ts";
import { deposit } from "./actions/deposit.ts";
import type { Client } from "./client.ts";
import { tokenOf } from "./currency.ts";

/**
 * Sees to it that an account of the market covers an amount, and returns what must be sent along for that: what it lacks,
 * or nothing where the currency is an ERC-20, of which what it lacks is deposited.
 */
export async function cover(client: Client, account: string, needed: bigint): Promise<bigint> {
  const [had, token] = await Promise.all([
    read(client, { contract: "market", functionName: "balanceOf", args: [account] }),
    tokenOf(client),
  ]);
  const lacking = needed > had ? needed - had : 0n;
  if (token === undefined) return lacking;
  if (lacking > 0n) await deposit(client, { amount: lacking });
  return 0n;
}
