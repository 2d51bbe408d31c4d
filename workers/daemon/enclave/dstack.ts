import { QuoteError, type QuoteProvider, requireReportData } from "./quote-provider.ts";
import { quoteIn } from "./socket-quote.ts";
import { postJson, type SocketAnswer } from "./unix-socket.ts";

export interface DstackOptions {
  /** The first of these that answers counts. Default: the agent's usual ones. */
  readonly sockets?: readonly string[];
  /** Milliseconds that a quote may take. Default 60000. */
  readonly timeout?: number;
}

/** Where the guest agent listens, new places first. */
export const SOCKETS = ["/var/run/dstack.sock", "/run/dstack/dstack.sock", "/var/run/tappd.sock"];
/** The agent's call, and that of agents before dstack 0.4; both take the report data as they are. */
const CALLS = ["/GetQuote", "/prpc/Tappd.RawQuote"];
const NOT_FOUND = 404;

/** Quotes of TDX by dstack's guest agent. */
export function dstack({ sockets = SOCKETS, timeout = 60_000 }: DstackOptions = {}): QuoteProvider {
  return {
    name: "dstack",
    kind: "dcap",
    simulated: false,
    async quote(reportData) {
      requireReportData(reportData);
      const body = { report_data: Buffer.from(reportData).toString("hex") };
      const problems: string[] = [];
      for (const socket of sockets) {
        try {
          return quoteIn(await ask(socket, body, timeout), "quote", `the guest agent at ${socket}`);
        } catch (error) {
          if (!(error instanceof QuoteError) || error.code !== "QUOTE_UNAVAILABLE") throw error;
          problems.push(error.message);
        }
      }
      throw new QuoteError("QUOTE_UNAVAILABLE", `no guest agent of dstack: ${problems.join("; ")}`, {
        details: { sockets },
      });
    },
  };
}

async function ask(socket: string, body: object, timeout: number): Promise<SocketAnswer> {
  for (const path of CALLS) {
    const answer = await postJson({ socket, path, body, timeout });
    if (answer.status !== NOT_FOUND) return answer;
  }
  throw new QuoteError("QUOTE_REFUSED", `${socket} knows none of ${CALLS.join(", ")}: it is no guest agent of dstack`);
}
