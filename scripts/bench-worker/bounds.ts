import { evaluate, lower } from "../../circuits/compiler/index.ts";
import { createProver } from "../../circuits/toolchain/index.ts";
import type { MarketChain } from "../../test/workers/daemon/market-chain.ts";
import { type Spread, repeated } from "../bench/measure.ts";

/** What no worker can be faster than, on this machine; milliseconds. */
export interface Bounds {
  /** Of the classifier, by one thread, without any of the worker's business. */
  readonly proof: Spread;
  readonly execution: Spread;
  /** One call to the node and back. */
  readonly roundTrip: Spread;
  readonly constraints: number;
}

const INPUT = [[3n, -1n, 4n, -1n, 5n, -9n, 2n, 6n]];
const REPETITIONS = 15;

export async function measureBounds({ classifier, provider }: MarketChain): Promise<Bounds> {
  const { graph, files, manifest } = classifier;
  const zkey = files.find((bytes) => bytes.length === manifest.circuit?.zkey.bytes);
  if (graph === null || zkey === undefined) throw new Error("the classifier has a circuit");
  const lowered = lower(graph);
  const prover = createProver(zkey, { threads: 1 });
  try {
    const prove = async (): Promise<unknown> => prover.prove(lowered.witness(INPUT, 1n).witness);
    await prove();
    return {
      proof: await repeated(REPETITIONS, prove),
      execution: await repeated(REPETITIONS, () => Promise.resolve(evaluate(graph, INPUT))),
      roundTrip: await repeated(REPETITIONS, () => provider.getBlockNumber()),
      constraints: lowered.system.constraints.length,
    };
  } finally {
    await prover.close();
  }
}
