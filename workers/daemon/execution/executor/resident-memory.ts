import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Bytes of memory that processes hold together. One that is gone holds none; on Windows nobody counts. */
export async function residentMemory(pids: readonly number[]): Promise<number> {
  if (process.platform === "win32" || pids.length === 0) return 0;
  const kilobytes = await (process.platform === "linux" ? Promise.all(pids.map(fromProc)) : fromPs(pids));
  return kilobytes.reduce((sum, size) => sum + size, 0) * 1024;
}

async function fromProc(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

async function fromPs(pids: readonly number[]): Promise<number[]> {
  const found = await promisify(execFile)("ps", ["-o", "rss=", "-p", pids.join(",")]).catch(() => ({ stdout: "" }));
  return found.stdout.split("\n").map(Number);
}
