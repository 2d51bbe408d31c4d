import fastify, { type FastifyReply } from "fastify";

import { AssayError } from "../../circuits/format/error.ts";
import type { ArtifactSource } from "../sdk/store/artifact-store.ts";
import { listen } from "./listen.ts";
import { StoreError } from "./store-error.ts";

export interface ServeStoreOptions {
  readonly store: ArtifactSource;
  /** 127.0.0.1 when left out. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
}

export interface StoreServer {
  /** To which a content id is appended: a version's `uri`. */
  readonly url: string;
  close(): Promise<void>;
}

const A_YEAR = 31_536_000;
const STATUS_OF: Readonly<Record<string, number>> = { CONTENT_ID: 400, ARTIFACT_MISSING: 404 };

/**
 * Serves artifacts over HTTP: `GET /ipfs/<cid>`, and `GET /ipfs/<directory>/<cid>` as an IPFS gateway does, for what the
 * store can read there: one that fetches from a network fetches for whoever asks. Errors are JSON `{ code, message }`. Throws `PORT_IN_USE`.
 *
 * @example
 * const { url, close } = await serveStore({ store: new LocalStore(directory), port: 8080 });
 */
export async function serveStore({ store, host = "127.0.0.1", port = 0 }: ServeStoreOptions): Promise<StoreServer> {
  const server = fastify({ forceCloseConnections: true });
  const send = async (source: ArtifactSource, cid: string, reply: FastifyReply): Promise<FastifyReply> => {
    const bytes = await source.get(cid);
    return reply
      .header("cache-control", `public, max-age=${A_YEAR}, immutable`)
      .header("etag", `"${cid}"`)
      .type("application/octet-stream")
      .send(bytes);
  };
  const below = (directory: string): ArtifactSource => {
    const found = store.below?.(`ipfs://${directory}`);
    if (found !== undefined) return found;
    throw new StoreError("ARTIFACT_MISSING", `${directory} is no directory of this store`);
  };
  server.get<{ Params: { cid: string } }>("/ipfs/:cid", ({ params: { cid } }, reply) => send(store, cid, reply));
  server.get<{ Params: { directory: string; cid: string } }>(
    "/ipfs/:directory/:cid",
    ({ params: { directory, cid } }, reply) => send(below(directory), cid, reply),
  );
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "NOT_FOUND", message: "artifacts are at /ipfs/<content id>" }),
  );
  server.setErrorHandler((error, _request, reply) => {
    // What is not expected may name files of this machine, so only its existence is told.
    const status = error instanceof AssayError ? (STATUS_OF[error.code] ?? 500) : 500;
    const body =
      error instanceof AssayError && status !== 500
        ? { code: error.code, message: `${error.code}: ask for another content id` }
        : { code: "ARTIFACT_UNREADABLE", message: "the artifact cannot be read here" };
    return reply.code(status).send(body);
  });
  const url = await listen(server, { host, port }, (cause) => {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    return new StoreError(
      isTaken ? "PORT_IN_USE" : "ADDRESS_UNUSABLE",
      isTaken ? `port ${port} is in use: choose another` : `cannot listen on ${host}:${port}`,
      { cause, details: { host, port } },
    );
  });
  return { url: `${url}/ipfs/`, close: () => server.close() };
}
