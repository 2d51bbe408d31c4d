import type { FactKind } from "./facts.ts";

/**
 * A place where a test may end the process: just before or just after a fact becomes durable, and on either side of
 * handing bytes to a node. Between two neighbouring points nothing outside the process changes, so killing the worker
 * at each of them covers every crash there is.
 */
export type FaultPoint =
  | `before-${FactKind}`
  | `after-${FactKind}`
  | "before-broadcast"
  | "after-broadcast"
  | "before-cursor"
  | "after-cursor";

export type FaultPoints = (point: FaultPoint) => void;

export const noFaultPoints: FaultPoints = () => undefined;
