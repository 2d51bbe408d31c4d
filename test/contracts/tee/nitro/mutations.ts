import { TeeError } from "../../../../workers/tee/error.ts";
import { verifyNitroDocument } from "../../../../workers/tee/nitro/index.ts";
import { type Contracts, outcome, ROOT, START } from "./fixture.ts";

/** What came of documents with one byte changed: how many failed by each typed error, and what must not be. */
export interface Mutations {
  readonly errors: Map<string, number>;
  /** Offsets of changes that passed, or failed without a typed error. */
  readonly survivors: string[];
}

/** Tries a document once for each offset, with one bit of the byte there changed, another one from byte to byte. */
export async function mutate(
  valid: Buffer,
  offsets: Iterable<number>,
  attempt: (mutated: Buffer) => string | Promise<string>,
): Promise<Mutations> {
  const mutations: Mutations = { errors: new Map(), survivors: [] };
  for (const offset of offsets) {
    const mutated = Buffer.from(valid);
    mutated[offset] = (valid[offset] ?? 0) ^ (1 << (offset % 8));
    const error = await attempt(mutated);
    if (error === "passes" || error.startsWith("untyped")) mutations.survivors.push(`${offset}: ${error}`);
    else mutations.errors.set(error, (mutations.errors.get(error) ?? 0) + 1);
  }
  return mutations;
}

export const onChain = (base: Contracts) => (mutated: Buffer) => outcome(base, base.verifier, "verify", mutated);

export function offChain(mutated: Buffer): string {
  try {
    verifyNitroDocument(mutated, { now: START, root: ROOT });
    return "passes";
  } catch (error) {
    return error instanceof TeeError ? error.code : `untyped: ${String(error)}`;
  }
}

/** Every `step`th byte from an offset on. */
export const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
