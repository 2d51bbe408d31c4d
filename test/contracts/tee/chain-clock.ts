interface Snapshots {
  takeSnapshot(): Promise<{ restore(): Promise<void> }>;
  readonly time: { increaseTo(time: number): Promise<void> };
}

/** Moves a chain's clock on; who does this goes back in time afterwards, or later fixtures would lie in the future. */
export function chainClock(networkHelpers: Snapshots) {
  let beforehand: Awaited<ReturnType<Snapshots["takeSnapshot"]>> | undefined;
  return {
    passTimeUntil: async (time: number): Promise<void> => {
      beforehand ??= await networkHelpers.takeSnapshot();
      await networkHelpers.time.increaseTo(time);
    },
    goBackInTime: async (): Promise<void> => {
      await beforehand?.restore();
      beforehand = undefined;
    },
  };
}
