import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Asked {
  readonly path: string;
  readonly body: unknown;
}

type Respond = (asked: Asked, response: ServerResponse) => void;

/** A real HTTP server on a Unix socket that answers as it is told, and knows what it was asked. */
export async function startSocketServer(respond: Respond) {
  const directory = mkdtempSync(join(tmpdir(), "assay-socket-"));
  const socket = join(directory, "agent.sock");
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const question = { path: request.url ?? "", body: JSON.parse(text) as unknown };
      asked.push(question);
      respond(question, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const answer = (response: ServerResponse, status: number, json: object): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}
