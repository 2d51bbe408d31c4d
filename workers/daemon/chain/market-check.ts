import type { Deployment } from "../../sdk/deployment.ts";
import type { Journal } from "../journal/journal.ts";
import { NO_JOB } from "../journal/journal.ts";
import { WorkerError } from "../worker-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { readHeader } from "./header.ts";

/** Throws `MARKET_MISSING` if nothing is at the market's address: everything else would fail in ways that tell less. */
export async function checkMarket(
  endpoint: Endpoint,
  { market, chainId, fromBlock }: Pick<Deployment, "market" | "chainId" | "fromBlock">,
): Promise<void> {
  const code = await endpoint.agreed("the market's code", (provider) => provider.getCode(market));
  if (code !== "0x") return;
  const head = await endpoint.head();
  const why =
    head < fromBlock
      ? `the node is at block ${head}, the contracts came with block ${fromBlock}: it is not synchronised, or the chain was reset`
      : "the chain was reset, or the deployment file is of another one";
  throw new WorkerError(
    "MARKET_MISSING",
    `there is no market at ${market} on chain ${chainId}: ${why}. Bring the deployment file of this chain, or deploy again`,
    { details: { market, chainId, head, fromBlock } },
  );
}

/**
 * Ties the journal to the chain by its first block, at the first start. Throws `CHAIN_RESET` if that is another one now: the
 * jobs and transactions in the journal were on a chain that is gone.
 */
export async function checkGenesis(endpoint: Endpoint, journal: Journal): Promise<void> {
  const genesis = await endpoint.agreed("the chain's first block", (provider) => readHeader(provider, 0));
  // Nodes that have forgotten it can tell nothing.
  if (genesis === null) return;
  const known = (await journal.factsOfKinds(["anchored"])).at(-1)?.fact;
  if (known?.kind !== "anchored") {
    await journal.append([{ job: NO_JOB, fact: { kind: "anchored", genesis: genesis.hash } }]);
    return;
  }
  if (known.genesis === genesis.hash) return;
  throw new WorkerError(
    "CHAIN_RESET",
    `the chain's first block is ${genesis.hash}, this journal is of a chain that began with ${known.genesis}: the chain was reset. ` +
      "Bring the old chain back, or start with an empty directory if this one is meant",
    { details: { had: known.genesis, found: genesis.hash } },
  );
}
