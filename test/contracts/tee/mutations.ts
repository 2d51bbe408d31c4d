import { FORMS } from "../../../workers/tee/development/quote.ts";
import { quote } from "./development.ts";
import { CHAIN, type Contracts, inspection, REAL_QUOTES } from "./fixture.ts";

/** What came of quotes with one byte changed: how many failed by each typed error, and what must not be. */
export interface Mutations {
  readonly errors: Map<string, number>;
  /** Offsets of changes that passed, or failed without a typed error. */
  readonly survivors: string[];
}

/** Inspects a quote once for each offset, with one bit of the byte there changed, another one from byte to byte. */
export async function mutate(base: Contracts, valid: Buffer, offsets: Iterable<number>): Promise<Mutations> {
  const mutations: Mutations = { errors: new Map(), survivors: [] };
  for (const offset of offsets) {
    const mutated = Buffer.from(valid);
    mutated[offset] = (valid[offset] ?? 0) ^ (1 << (offset % 8));
    const error = await inspection(base, mutated);
    if (error === "passes" || error.startsWith("untyped")) mutations.survivors.push(`${offset}: ${error}`);
    else mutations.errors.set(error, (mutations.errors.get(error) ?? 0) + 1);
  }
  return mutations;
}

/** Every `step`th byte, and each in the neighbourhood of where a part begins. */
export function sampled(length: number, step: number, edges: readonly number[]): Set<number> {
  const offsets = new Set<number>();
  for (let offset = 0; offset < length; offset += step) offsets.add(offset);
  for (const edge of edges)
    for (const near of [edge - 1, edge, edge + 1]) if (near >= 0 && near < length) offsets.add(near);
  return offsets;
}

export const developmentQuotes = () => FORMS.map((form) => [form, quote({ form, chain: CHAIN })] as const);
export const realQuotes = () => Object.entries(REAL_QUOTES);
