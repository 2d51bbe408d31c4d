/** Steps that give back what was acquired, run in reverse order of what they are pushed in. */
export type UndoList = (() => unknown)[];

export async function unwind(undo: UndoList): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
}

/** Runs a body once, however often it is called. */
export function once(body: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= body());
}
