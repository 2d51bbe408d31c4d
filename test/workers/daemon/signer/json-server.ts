import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface JsonAnswer {
  readonly status?: number;
  readonly body: object;
}

export interface JsonServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A local HTTP server that answers JSON with JSON, standing in for a service on another machine. */
export async function startJsonServer(
  answer: (body: Record<string, unknown>, headers: IncomingMessage["headers"]) => JsonAnswer | Promise<JsonAnswer>,
): Promise<JsonServer> {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    const { status = 200, body: given } = await answer(body, request.headers);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(given));
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
