import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { unixfs, type UnixFS } from "@helia/unixfs";
import { FsBlockstore } from "blockstore-fs";
import { CID } from "multiformats/cid";

export interface KuboServer {
  readonly url: string;
  /** Recursive pins and the mutable file system: what a collection of garbage would spare. */
  readonly pins: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, CID>;
  close(): Promise<void>;
}

export interface KuboServerOptions {
  readonly directory: string;
  /** Anything else is answered with 403, as `API.Authorizations` has it. */
  readonly authorization?: string;
  /** Blocks of another node, which this one reaches unless it is told to stay offline. */
  readonly network?: string;
}

interface Call {
  readonly query: URLSearchParams;
  readonly args: readonly string[];
  readonly parts: readonly Part[];
}

interface Part {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * NOT Kubo: a stand-in with the routes of its RPC that the store calls, over real UnixFS and a real blockstore. The mutable file
 * system is a map of paths, and the network is one other directory of blocks.
 */
export async function startKuboServer({ directory, authorization, network }: KuboServerOptions): Promise<KuboServer> {
  const blocks = new FsBlockstore(directory);
  await blocks.open();
  const fs = unixfs({ blockstore: blocks });
  const pins = new Set<string>();
  const names = new Map<string, CID>();
  const online = network === undefined ? fs : unixfs({ blockstore: new FsBlockstore(network) });
  const routes = routesOver(fs, online, pins, names);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const route = routes[url.pathname.replace("/api/v0/", "")];
    if (authorization !== undefined && request.headers.authorization !== authorization)
      return { status: 403, type: "text/plain", body: "403 - Forbidden" };
    // Kubo answers nothing but POST.
    if (request.method !== "POST" || route === undefined)
      return { status: 405, type: "text/plain", body: "405 - Method Not Allowed" };
    try {
      const call = { query: url.searchParams, args: url.searchParams.getAll("arg"), parts: await partsOf(request) };
      return { status: 200, type: "application/json", body: await route(call) };
    } catch (error) {
      const Message = error instanceof Error ? error.message : String(error);
      return { status: 500, type: "application/json", body: JSON.stringify({ Message, Code: 0, Type: "error" }) };
    }
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, type, body }) => {
      response.writeHead(status, { "content-type": type }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    pins,
    names,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

type Route = (call: Call) => Promise<string | Uint8Array>;

function routesOver(fs: UnixFS, online: UnixFS, pins: Set<string>, names: Map<string, CID>): Record<string, Route> {
  const named = (path = ""): CID => {
    const cid = names.get(path);
    if (cid === undefined) throw new Error("file does not exist");
    return cid;
  };
  return {
    add: async ({ query, parts }) => {
      if (
        ["cid-version=1", "raw-leaves=true", "chunker=size-1048576"].some(
          (wanted) => !query.toString().includes(wanted),
        )
      )
        throw new Error(`this stand-in adds files as the store asks for it, not with ${query.toString()}`);
      const isWrapped = query.get("wrap-with-directory") === "true";
      const added: { Name: string; Hash: string }[] = [];
      for await (const { path = "", cid } of fs.addAll(isWrapped ? parts : alone(parts), {
        wrapWithDirectory: isWrapped,
      }))
        added.push({ Name: parts.some((part) => part.path === path) ? path : "", Hash: cid.toString() });
      const root = added.at(-1);
      if (query.get("pin") === "true" && root !== undefined) pins.add(root.Hash);
      return lines(added.map((entry) => ({ ...entry, Size: "0" })));
    },
    cat: async ({ args: [path = ""], query }) => {
      const [root = "", ...rest] = path.replace(/^\/ipfs\//, "").split("/");
      const from = (node: UnixFS) =>
        bytesOf(node.cat(CID.parse(root), rest.length === 0 ? {} : { path: rest.join("/") }));
      return query.get("offline") === "true" ? from(fs) : from(fs).catch(() => from(online));
    },
    "files/stat": async ({ args: [path] }) => {
      const { type, cid } = await fs.stat(named(path));
      return lines([{ Hash: cid.toString(), Size: 0, CumulativeSize: 0, Blocks: 0, Type: type }]);
    },
    "files/cp": ({ args: [from = "", to = ""], query }) => {
      if (names.has(to)) throw new Error("cannot put node in path: directory already has entry by that name");
      if (query.get("parents") !== "true") throw new Error("file does not exist");
      names.set(to, CID.parse(from.replace("/ipfs/", "")));
      return Promise.resolve("");
    },
    "files/rm": ({ args: [path = ""] }) => {
      if (!names.delete(path)) throw new Error("file does not exist");
      return Promise.resolve("");
    },
    "files/ls": async ({ args: [path = ""] }) => {
      const inside = [...names].filter(([name]) => name.startsWith(`${path}/`));
      const found = inside.map(([name, cid]) => ({ Name: name.slice(path.length + 1), Hash: cid.toString() }));
      if (inside.length === 0)
        for await (const { name, cid } of fs.ls(named(path))) found.push({ Name: name, Hash: cid.toString() });
      return lines([{ Entries: found.map((entry) => ({ ...entry, Type: 0, Size: 0 })) }]);
    },
    "pin/rm": ({ args: [cid = ""] }) => {
      if (!pins.delete(cid)) throw new Error("not pinned or pinned indirectly");
      return Promise.resolve(lines([{ Pins: [cid] }]));
    },
  };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

/** A file that was sent without a name is no directory's. */
function alone(parts: readonly Part[]): { content: Uint8Array }[] {
  return parts.map(({ content }) => ({ content }));
}

function lines(entries: readonly object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** The parts of a multipart body, as the client writes them. */
async function partsOf(request: IncomingMessage): Promise<Part[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const boundary = /boundary=(.+)$/.exec(request.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) return [];
  const [, ...parts] = Buffer.concat(chunks).toString("latin1").split(`--${boundary}`);
  return parts.slice(0, -1).map((part) => {
    const start = part.indexOf("\r\n\r\n") + 4;
    const [, name = ""] = /filename="([^"]*)"/.exec(part.slice(0, start)) ?? [];
    return { path: decodeURIComponent(name), content: Buffer.from(part.slice(start, -2), "latin1") };
  });
}
