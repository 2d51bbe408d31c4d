import { z } from "zod";

import { AssayError } from "../../../circuits/format/error.ts";
import { askNumber, type Endpoint } from "../chain/endpoint.ts";
import { type GasMarket, URGENCIES, type Urgency } from "./fee-strategy.ts";

const quantity = z.string().transform((text) => BigInt(text));
const feeHistory = z.object({
  /** One more than blocks were asked for: the last one is the next block's. */
  baseFeePerGas: z.array(quantity).min(1),
  gasUsedRatio: z.array(z.number()),
  /** For each block the tips below which those percentiles of its gas paid. */
  reward: z.array(z.array(quantity).length(URGENCIES.length)).nullish(),
});
type FeeHistory = z.infer<typeof feeHistory>;

/** Blocks whose tips count. */
const BLOCKS = 10;
/** Which tip of a block's is offered, by urgency. */
const PERCENTILES: Readonly<Record<Urgency, number>> = { calm: 20, soon: 50, urgent: 90 };

/** What gas costs now, from recent blocks; from the node's own suggestions where it keeps no history. */
export async function readGasMarket(endpoint: Endpoint): Promise<GasMarket> {
  const history = await readHistory(endpoint);
  const told = history?.baseFeePerGas.at(-1) ?? 0n;
  // Nodes of chains without a base fee tell a history of zeros.
  const baseFee = told > 0n ? told : await latestBaseFee(endpoint);
  if (baseFee === null) return { baseFee, tips: even(await suggested(endpoint, "eth_gasPrice")) };
  return { baseFee, tips: tipsOf(history) ?? even(await suggested(endpoint, "eth_maxPriorityFeePerGas")) };
}

async function readHistory({ provider, retrying }: Endpoint): Promise<FeeHistory | null> {
  const parameters = [`0x${BLOCKS.toString(16)}`, "latest", URGENCIES.map((urgency) => PERCENTILES[urgency])];
  try {
    return feeHistory.parse(await retrying("recent fees", () => provider.send("eth_feeHistory", parameters)));
  } catch (error) {
    // A node that is away has no suggestions, either.
    if (error instanceof AssayError && error.code === "RPC_UNREACHABLE") throw error;
    return null;
  }
}

/** The middle one of each percentile over the blocks that had transactions; null if none had. */
function tipsOf(history: FeeHistory | null): GasMarket["tips"] | null {
  const busy = (history?.reward ?? []).filter((_, block) => (history?.gasUsedRatio[block] ?? 0) > 0);
  const tip = (place: number): bigint | undefined => middle(busy.flatMap((tips) => tips[place] ?? []));
  const [calm, soon, urgent] = URGENCIES.map((_, place) => tip(place));
  if (calm === undefined || soon === undefined || urgent === undefined) return null;
  return { calm: atLeastOne(calm), soon: atLeastOne(soon), urgent: atLeastOne(urgent) };
}

async function latestBaseFee({ provider, retrying }: Endpoint): Promise<bigint | null> {
  const block = await retrying("the base fee", () => provider.getBlock("latest"));
  return block?.baseFeePerGas ?? null;
}

function suggested({ provider, retrying }: Endpoint, method: string): Promise<bigint> {
  return retrying("the price of gas", () => askNumber(provider, method));
}

function even(tip: bigint): GasMarket["tips"] {
  return { calm: tip, soon: tip, urgent: tip };
}

function middle(values: readonly bigint[]): bigint | undefined {
  return values.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0))[Math.floor(values.length / 2)];
}

/** Builders may put their own transactions into a block for nothing; nodes pass on none that pays nothing. */
function atLeastOne(tip: bigint): bigint {
  return tip > 0n ? tip : 1n;
}
