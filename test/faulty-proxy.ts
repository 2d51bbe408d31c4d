import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One JSON-RPC call, as it came. */
export interface RpcCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What happens to a call. Those of a connection (`drop`, `silence`, `lose-answer`, `status`, `garbage`) happen to all
 * calls that came in the same HTTP request.
 */
export type Fault =
  /** Passed on after that many milliseconds. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** The connection is cut; the node never hears of it. */
  | { readonly kind: "drop" }
  /** Nothing ever comes back, and the connection stays; the node never hears of it. */
  | { readonly kind: "silence" }
  /** The node does what was asked, and the connection is cut before the answer. */
  | { readonly kind: "lose-answer" }
  /** An HTTP status instead of an answer, such as 429. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: number }
  /** Something that is no JSON. */
  | { readonly kind: "garbage" }
  /** A JSON-RPC error; the node never hears of it. */
  | { readonly kind: "error"; readonly code: number; readonly message: string }
  /** An answer that is made up; the node never hears of it. */
  | { readonly kind: "lie"; readonly result: unknown }
  /** The node's answer, altered. */
  | { readonly kind: "change"; readonly change: (result: unknown) => unknown };

/** Decides about each call; undefined passes it on. */
export type Misbehaviour = (call: RpcCall) => Fault | undefined;

/** A node's address that misbehaves as told; without a word it passes everything on. */
export interface FaultyProxy {
  readonly url: string;
  /** Every call that came, oldest first. */
  readonly calls: readonly RpcCall[];
  /** From now on; calls in progress stay as they were decided. */
  misbehave(next: Misbehaviour): void;
  behave(): void;
  /** Another node from now on: a restart elsewhere, or a failover behind one address. */
  passOnTo(target: string): void;
  close(): Promise<void>;
}

/** Real HTTP in front of a real node. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let node = target;
  let misbehaviour: Misbehaviour = () => undefined;
  const calls: RpcCall[] = [];

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: unknown = JSON.parse(await textOf(request));
    const asked = (Array.isArray(body) ? body : [body]).map(callOf);
    calls.push(...asked);
    const faults = asked.map((call) => misbehaviour(call));
    const wait = Math.max(0, ...faults.map((fault) => (fault?.kind === "delay" ? fault.milliseconds : 0)));
    if (wait > 0) await sleep(wait);
    for (const fault of faults) {
      switch (fault?.kind) {
        case "drop":
          response.destroy();
          return;
        case "silence":
          return;
        case "lose-answer":
          await passOn(node, asked);
          response.destroy();
          return;
        case "status":
          response.writeHead(
            fault.status,
            fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) },
          );
          response.end();
          return;
        case "garbage":
          response.end("<html>Bad gateway</html>");
          return;
        default:
          break;
      }
    }
    const answered = await passOn(
      node,
      asked.filter((_, index) => !isMadeUp(faults[index])),
    );
    const replies = asked.map((call, index) => replyTo(call, faults[index], answered));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(Array.isArray(body) ? replies : replies[0]));
  };

  const server = createServer((request, response) => {
    // A node that is away looks like a cut connection, as it would without us.
    respond(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    misbehave(next) {
      misbehaviour = next;
    },
    behave() {
      misbehaviour = () => undefined;
    },
    passOnTo(next) {
      node = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Some calls of a method get this fault: all of them, or the first `times`. */
export function faultsOf(method: string, fault: Fault, times = Number.POSITIVE_INFINITY): Misbehaviour {
  let left = times;
  return (call) => (call.method === method && left-- > 0 ? fault : undefined);
}

function isMadeUp(fault: Fault | undefined): boolean {
  return fault?.kind === "error" || fault?.kind === "lie";
}

function replyTo(call: RpcCall, fault: Fault | undefined, answered: ReadonlyMap<unknown, object>): object {
  const head = { jsonrpc: "2.0", id: call.id };
  if (fault?.kind === "error") return { ...head, error: { code: fault.code, message: fault.message } };
  if (fault?.kind === "lie") return { ...head, result: fault.result };
  const reply = answered.get(call.id) ?? { ...head, error: { code: -32603, message: "the node left it out" } };
  return fault?.kind === "change" && "result" in reply ? { ...reply, result: fault.change(reply.result) } : reply;
}

async function passOn(node: string, calls: readonly RpcCall[]): Promise<ReadonlyMap<unknown, object>> {
  if (calls.length === 0) return new Map();
  const response = await fetch(node, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(calls.map((call) => ({ jsonrpc: "2.0", ...call }))),
  });
  const replies: unknown = await response.json();
  if (!Array.isArray(replies)) throw new Error(`the node answered a batch with ${JSON.stringify(replies)}`);
  return new Map(replies.filter(isObject).map((reply) => ["id" in reply ? reply.id : undefined, reply]));
}

function callOf(value: unknown): RpcCall {
  if (!isObject(value) || !("method" in value) || typeof value.method !== "string")
    throw new Error(`no call: ${JSON.stringify(value)}`);
  const params: unknown = "params" in value ? value.params : [];
  return { id: "id" in value ? value.id : null, method: value.method, params: Array.isArray(params) ? params : [] };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
