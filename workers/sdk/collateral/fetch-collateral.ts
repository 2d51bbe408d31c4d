import { AssayError } from "../../../circuits/format/error.ts";
import { Collateral } from "../../tee/index.ts";
import type { Client } from "../client.ts";
import { SdkError } from "../errors.ts";
import { fetchLogsOf } from "../fetch-logs.ts";
import { onChain } from "../rpc-error.ts";
import { dcapContracts, POSTED_EVENTS } from "./dcap-contracts.ts";
import { addPosted, postedCalls } from "./posted-calls.ts";

export interface FetchCollateralParameters {
  /** Address of a DcapQuoteVerifier. */
  readonly verifier: string;
  /** As of the end of this block; by default the last. */
  readonly blockNumber?: number;
}

export interface FetchCollateralReturnType {
  readonly collateral: Collateral;
  /** Time of the block, in seconds. */
  readonly now: number;
}

/**
 * The collateral that a deployment's verifier of DCAP quotes holds quotes against, out of the calldata that posted it. All
 * signatures are checked here, up to the root that the deployment pins: see `collateral.root` and `collateral.isSimulated`.
 * A node can keep back what is newest, which shows when the rest runs out; root and policy are what it tells. Throws
 * `COLLATERAL_UNREADABLE` if calldata cannot be read, and the `TeeError` by which what it posts does not hold.
 */
export async function fetchCollateral(
  client: Client,
  { verifier, ...at }: FetchCollateralParameters,
): Promise<FetchCollateralReturnType> {
  const toBlock = at.blockNumber ?? (await onChain("the last block", () => client.provider.getBlockNumber()));
  const { registry, store, root, policy } = await dcapContracts(client, verifier, toBlock);
  const collateral = new Collateral(root, policy);

  const filter = { address: [registry, store], topics: [POSTED_EVENTS], context: "logs of collateral" };
  const logs = await fetchLogsOf(client, filter, { toBlock });
  // Nodes give logs in the order of the chain, and a map keeps it.
  for (const [hash, events] of Map.groupBy(logs, ({ transactionHash }) => transactionHash)) {
    const transaction = await onChain(`transaction ${hash}`, () => client.provider.getTransaction(hash));
    const now = await timeOf(client, events[0]?.blockNumber ?? toBlock);
    replay(collateral, transaction?.data ?? "0x", now, events.length, hash);
  }
  return { collateral, now: await timeOf(client, toBlock) };
}

/** Calls that failed on chain fail here, too: so many must succeed as there were events. */
function replay(collateral: Collateral, data: string, now: number, events: number, transactionHash: string): void {
  const failures: AssayError[] = [];
  const posts = postedCalls(data);
  for (const post of posts) {
    try {
      addPosted(collateral, post, now);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      failures.push(error);
    }
  }
  if (posts.length - failures.length >= events) return;
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  throw new SdkError("COLLATERAL_UNREADABLE", `transaction ${transactionHash} does not show the collateral it posted`, {
    details: { transactionHash },
  });
}

async function timeOf(client: Client, blockNumber: number): Promise<number> {
  const block = await onChain(`block ${blockNumber}`, () => client.provider.getBlock(blockNumber));
  if (block === null) throw new SdkError("RPC_ERROR", `the node does not know block ${blockNumber}`);
  return block.timestamp;
}
