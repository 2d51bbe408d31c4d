import { getBytes, hexlify } from "ethers";

import { evaluate } from "../../circuits/compiler/index.ts";
import { packTensors } from "../../circuits/format/tensor.ts";
import type { MarketChain } from "../../test/workers/daemon/market-chain.ts";
import { regress } from "../../test/workers/daemon/tiny-model.ts";
import type { RequestParameters } from "../../workers/sdk/prepare-request.ts";

/** One way to ask, and how often it is drawn, in parts of all. */
export const JOB_KINDS = {
  "Vanilla, exact": 26,
  "Vanilla, ONNX Runtime": 20,
  "Vanilla, challenged": 6,
  "Vanilla, three copies": 6,
  "Tee, exact": 12,
  "Tee, ONNX Runtime": 10,
  Zkml: 20,
} as const;
export type JobKind = keyof typeof JOB_KINDS;
const KINDS = Object.keys(JOB_KINDS).filter((kind): kind is JobKind => kind in JOB_KINDS);

export interface PlannedJob {
  readonly kind: JobKind;
  readonly request: RequestParameters;
  /** The one right answer, packed, computed here. */
  readonly output: string;
}

/** The same jobs for the same random numbers. */
export function planJobs(chain: MarketChain, count: number, random: () => number): PlannedJob[] {
  return Array.from({ length: count }, () => {
    const kind = drawKind(random);
    const input = Array.from({ length: 8 }, () => Math.floor(random() * 21) - 10);
    return planJob(chain, kind, input);
  });
}

/** @param input Eight small integers. */
export function planJob(chain: MarketChain, kind: JobKind, input: readonly number[]): PlannedJob {
  const isExact = kind !== "Vanilla, ONNX Runtime" && kind !== "Tee, ONNX Runtime";
  const level = kind === "Zkml" ? "Zkml" : kind.startsWith("Tee") ? "Tee" : "Vanilla";
  const tensor = [input.map(BigInt)];
  return {
    kind,
    request: {
      versionId: isExact ? chain.classifierId : chain.regressorId,
      level,
      input: tensor,
      maxFee: 10n ** 12n,
      ...(kind === "Vanilla, three copies" ? { copies: 3n } : {}),
    },
    output: isExact
      ? classify(chain, tensor)
      : hexlify(packTensors(chain.regressor.manifest.outputs, [regress(input)])),
  };
}

function classify({ classifier: { graph, manifest } }: MarketChain, input: readonly (readonly bigint[])[]): string {
  if (graph === null) throw new Error("the classifier has a circuit");
  return hexlify(getBytes(packTensors(manifest.outputs, evaluate(graph, input))));
}

function drawKind(random: () => number): JobKind {
  const all = KINDS.reduce((sum, kind) => sum + JOB_KINDS[kind], 0);
  let left = random() * all;
  for (const kind of KINDS) {
    left -= JOB_KINDS[kind];
    if (left < 0) return kind;
  }
  return "Zkml";
}
