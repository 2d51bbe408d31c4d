import type { Layer, ValueId } from "../graph/layer.ts";
import type { Ranges } from "./infer-ranges.ts";

/** A value of the integer graph: it stands for integer * unit / 2^fraction. */
export interface Placed {
  readonly id: ValueId;
  readonly fraction: number;
  /** 1, unless weights or decimals had a unit of their own. */
  readonly unit: number;
}

/** What one real layer became, and all that this hung on. */
export interface Step {
  readonly placed: Placed;
  readonly layers: readonly Layer[];
  readonly ranges: Ranges;
  /** Number of the first value it added. */
  readonly first: ValueId;
  /** Undefined if its width was not asked for. */
  readonly width: number | null | undefined;
  /** The values behind it that are no inputs. */
  readonly sources: ReadonlyMap<ValueId, Placed>;
}

/** Powers of two in the unit are fraction bits. */
export function inUnits(id: ValueId, unit: number, fraction: number): Placed {
  const shift = Math.floor(Math.log2(unit));
  return { id, unit: unit / 2 ** shift, fraction: fraction - shift };
}
