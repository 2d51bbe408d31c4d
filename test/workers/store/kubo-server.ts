import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { unixfs, type UnixFS } from "@helia/unixfs";
import { FsBlockstore } from "blockstore-fs";
import { CID } from "multiformats/cid";

export interface KuboServer {
  readonly url: string;
  /** Recursive pins and the mutable file system: what a collection of garbage would spare. */
  readonly pins: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, CID>;
  /** Routes that were asked, in order. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export interface KuboServerOptions {
  readonly directory: string;
  /** Answered with 403 otherwise, as `API.Authorizations` has it. */
  readonly authorization?: string;
}

/**
 * NOT Kubo: a stand-in with the routes of its RPC that the store calls, over real UnixFS and a real blockstore. Names of the mutable
 * file system are a map of two levels; there is no network behind `cat`.
 */
export async function startKuboServer({ directory, authorization }: KuboServerOptions): Promise<KuboServer> {
  const blocks = new FsBlockstore(directory);
  await blocks.open();
  const fs = unixfs({ blockstore: blocks });
  const pins = new Set<string>();
  const names = new Map<string, CID>();
  const calls: string[] = [];

  const routes: Record<string, (request: Call, response: ServerResponse) => Promise<void>> = {
    async add({ query, form }, response) {
      const source = await filesIn(await form());
      const wrap = query.get("wrap-with-directory") === "true";
      const chunk = query.get("chunker") === "size-1048576" && query.get("raw-leaves") === "true";
      if (!chunk || query.get("cid-version") !== "1") return refuse(response, "not how the store adds files");
      for (const { path, bytes } of source) {
        const cid = await fs.addBytes(bytes);
        if (!wrap && query.get("pin") === "true") pins.add(cid.toString());
        line(response, { Name: path === "" ? cid.toString() : path, Hash: cid.toString(), Size: String(bytes.length) });
      }
      if (wrap) {
        const cid = await wrapped(fs, source);
        if (query.get("pin") === "true") pins.add(cid.toString());
        line(response, { Name: "", Hash: cid.toString(), Size: "0" });
      }
      response.end();
    },
    async cat({ args: [path = ""] }, response) {
      const [root = "", ...rest] = path.replace(/^\/ipfs\//, "").split("/");
      for await (const chunk of fs.cat(CID.parse(root), rest.length === 0 ? {} : { path: rest.join("/") }))
        response.write(chunk);
      response.end();
    },
    "files/stat": async ({ args: [path = ""] }, response) => {
      const cid = names.get(path);
      if (cid === undefined) return refuse(response, "file does not exist");
      const { type, size } = await fs.stat(cid);
      line(response, { Hash: cid.toString(), Size: Number(size), CumulativeSize: 0, Blocks: 0, Type: type });
      response.end();
    },
    "files/cp": async ({ args: [from = "", to = ""], query }, response) => {
      if (names.has(to)) return refuse(response, "cannot put node in path: directory already has entry by that name");
      if (query.get("parents") !== "true") return refuse(response, "file does not exist");
      names.set(to, CID.parse(from.replace("/ipfs/", "")));
      response.end();
      return Promise.resolve();
    },
    "files/rm": async ({ args: [path = ""] }, response) => {
      if (!names.delete(path)) return refuse(response, "file does not exist");
      response.end();
      return Promise.resolve();
    },
    "files/ls": async ({ args: [path = ""] }, response) => {
      const root = names.get(path);
      const inside = [...names].filter(([name]) => name.startsWith(`${path}/`));
      if (root === undefined && inside.length === 0) return refuse(response, "file does not exist");
      const found = inside.map(([name, cid]) => ({ Name: name.slice(path.length + 1), Hash: cid.toString() }));
      if (root !== undefined)
        for await (const { name, cid } of fs.ls(root)) found.push({ Name: name, Hash: cid.toString() });
      line(response, { Entries: found.map((entry) => ({ ...entry, Type: 0, Size: 0 })) });
      response.end();
    },
    "pin/rm": async ({ args: [cid = ""] }, response) => {
      if (!pins.delete(cid)) return refuse(response, "not pinned or pinned indirectly");
      line(response, { Pins: [cid] });
      response.end();
      return Promise.resolve();
    },
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname.replace("/api/v0/", "");
    calls.push(name);
    const route = routes[name];
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      response.writeHead(403, { "content-type": "text/plain" }).end("403 - Forbidden");
      return;
    }
    // Kubo answers nothing but POST.
    if (request.method !== "POST" || route === undefined) return void response.writeHead(405).end();
    const call = { query: searchParams, args: searchParams.getAll("arg"), form: () => formOf(request) };
    route(call, response).catch((error: unknown) => refuse(response, String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    pins,
    names,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Call {
  readonly query: URLSearchParams;
  readonly args: readonly string[];
  form(): Promise<FormData>;
}

interface NamedBytes {
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function formOf(request: IncomingMessage): Promise<FormData> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const type = request.headers["content-type"] ?? "";
  return new Response(Buffer.concat(chunks), { headers: { "content-type": type } }).formData();
}

async function filesIn(form: FormData): Promise<NamedBytes[]> {
  const files: NamedBytes[] = [];
  for (const value of form.values()) {
    const bytes = typeof value === "string" ? Buffer.from(value) : new Uint8Array(await value.arrayBuffer());
    files.push({ path: typeof value === "string" ? "" : decodeURIComponent(value.name), bytes });
  }
  return files;
}

async function wrapped(fs: UnixFS, files: readonly NamedBytes[]): Promise<CID> {
  let last: CID | undefined;
  const source = files.map(({ path, bytes }) => ({ path, content: bytes }));
  for await (const { cid } of fs.addAll(source, { wrapWithDirectory: true })) last = cid;
  if (last === undefined) throw new Error("nothing was sent");
  return last;
}

function line(response: ServerResponse, json: object): void {
  response.write(`${JSON.stringify(json)}\n`);
}

function refuse(response: ServerResponse, message: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { "content-type": "application/json" });
  response.end(JSON.stringify({ Message: message, Code: 0, Type: "error" }));
}
