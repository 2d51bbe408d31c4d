import fastify from "fastify";
import type { Logger } from "pino";

import { listen } from "../../store/listen.ts";
import type { FactFeed } from "../fact-feed.ts";
import type { WorkerStatus } from "../worker-status.ts";
import { WorkerError } from "../worker-error.ts";
import { createMetrics } from "./metrics.ts";

export interface ServeMonitorOptions {
  readonly host?: string;
  readonly port: number;
  readonly facts: FactFeed;
  readonly status: () => WorkerStatus;
  readonly workerId: number;
  readonly logger: Logger;
}

export interface MonitorServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * `GET /metrics` for Prometheus; `/healthz` says 200 while the process is worth keeping, `/readyz` while it takes jobs, else 503 with
 * the reasons. None of it is secret to the operator, and nothing of it is for anybody else. Throws `MONITOR_PORT`.
 */
export async function serveMonitor(options: ServeMonitorOptions): Promise<MonitorServer> {
  const { host = "127.0.0.1", port, status, logger } = options;
  const { registry, close } = createMetrics(options);
  const server = fastify({ forceCloseConnections: true });
  server.get("/metrics", async (_, reply) => {
    void reply.type(registry.contentType);
    return registry.metrics();
  });
  server.get("/healthz", async (_, reply) => {
    const { alive, reasons } = status().health;
    return reply.code(alive ? 200 : 503).send({ alive, reasons });
  });
  server.get("/readyz", async (_, reply) => {
    const { ready, reasons } = status().health;
    return reply.code(ready ? 200 : 503).send({ ready, reasons });
  });
  const url = await listen(server, { host, port }, (cause) => {
    close();
    return new WorkerError("MONITOR_PORT", `metrics and health cannot be served at ${host}:${port}; set \`monitor\``, {
      cause,
      details: { host, port },
    });
  });
  logger.info({ url }, "metrics and health");
  return {
    url,
    async close() {
      close();
      await server.close();
    },
  };
}
