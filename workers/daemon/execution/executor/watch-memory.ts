import { residentMemory } from "./resident-memory.ts";

const INTERVAL = 100;
const MEGABYTE = 2 ** 20;

/** Looks at the memory of processes while they work, and tells once when it is more than the limit. */
export function watchMemory(
  pids: () => readonly number[],
  limit: number,
  tooMuch: (megabytes: number) => void,
): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const megabytes = Math.ceil((await residentMemory(pids())) / MEGABYTE);
    if (timer === undefined || megabytes <= limit) return;
    stop();
    tooMuch(megabytes);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    start: () => (timer ??= setInterval(() => void look(), INTERVAL)),
    stop,
  };
}
