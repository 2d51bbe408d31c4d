import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";

import { network } from "hardhat";

/** Two nodes that share no code above their virtual machine: what holds on both is no habit of one of them. */
export const NODE_KINDS = ["hardhat", "anvil"] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** A node of a chain of its own behind HTTP. Blocks come with transactions only, so that time stands still between them. */
export interface LocalNode {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** As many funded accounts as Hardhat's node has, of the same mnemonic. */
const ACCOUNTS = 20;
const GAS_LIMIT = 60_000_000;
/** In characters; what comes later is a log of calls. */
const LONGEST_GREETING = 20_000;

/** @param port 0 for any free port. */
export async function startNode(kind: NodeKind, port = 0): Promise<LocalNode> {
  if (kind === "anvil") return startAnvil({ port });
  const server = await network.createServer({ network: "default" }, HOST, port);
  const listening = await server.listen();
  return { url: `http://${HOST}:${listening.port}`, port: listening.port, close: () => server.close() };
}

export interface AnvilOptions {
  readonly port?: number;
  /** A file that the chain is read from, if it exists, and written to when the node is closed. */
  readonly stateFile?: string;
}

/** Anvil in a process of its own. With a state file its chain outlives the process. */
export async function startAnvil({ port = 0, stateFile }: AnvilOptions = {}): Promise<LocalNode> {
  const child = spawn(
    anvilBinary(),
    [
      ...["--host", HOST, "--port", String(port), "--accounts", String(ACCOUNTS), "--gas-limit", String(GAS_LIMIT)],
      ...(stateFile === undefined ? [] : ["--state", stateFile]),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  // Whatever ends this process must not leave nodes behind.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  try {
    const listening = await listeningPort(child);
    return {
      url: `http://${HOST}:${listening}`,
      port: listening,
      async close() {
        const exited = once(child, "exit");
        // Its way to write the state file.
        child.kill("SIGINT");
        await exited;
        process.off("exit", end);
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** Of the platforms that `second-node/package.json` names. */
function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const manifest = createRequire(import.meta.url).resolve(
    `@foundry-rs/anvil-${process.platform}-${architecture}/package.json`,
  );
  return join(manifest, "../bin", process.platform === "win32" ? "anvil.exe" : "anvil");
}

/** Reads on after it knows the port: a pipe that nobody empties would stop the node. */
function listeningPort(child: ChildProcess): Promise<number> {
  const found = Promise.withResolvers<number>();
  let seen = "";
  child.once("error", found.reject);
  child.once("exit", (code) => {
    found.reject(new Error(`anvil ended with ${String(code)} before it listened:\n${seen}`));
  });
  child.stdout?.on("data", (chunk: Buffer) => {
    if (seen.length > LONGEST_GREETING) return;
    seen += chunk.toString();
    const port = /^Listening on \S+:(\d+)$/m.exec(seen)?.[1];
    if (port !== undefined) found.resolve(Number(port));
  });
  return found.promise;
}
