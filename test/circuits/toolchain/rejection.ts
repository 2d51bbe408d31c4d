/** What the promise is rejected with, which must be an error of that class. */
export async function rejection<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const outcome = await promise.then(
    () => new Error("the promise was fulfilled"),
    (reason: unknown) => reason,
  );
  if (outcome instanceof kind) return outcome;
  throw outcome;
}
