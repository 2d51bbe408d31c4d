/** Ends a process that leads a group, with all that it started there. One that is gone already is none of our business. */
export function endGroup(leader: number): void {
  try {
    // Windows has no groups of processes: what the leader started ends when the leader no longer answers it.
    process.kill(process.platform === "win32" ? leader : -leader, "SIGKILL");
  } catch {
    return;
  }
}
