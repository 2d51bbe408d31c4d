import { rememberNext } from "./nitro-certificates.ts";
import { type QuoteProvider, requireReportData } from "./quote-provider.ts";
import { quoteIn } from "./socket-quote.ts";
import { postJson } from "./unix-socket.ts";

export interface NitroBridgeOptions {
  /** Default `/run/nsm.sock`. */
  readonly socket?: string | undefined;
  /** Milliseconds that a document may take. Default 30000. */
  readonly timeout?: number;
}

/**
 * Attestation documents of AWS Nitro. They come from `/dev/nsm` by a call that Node cannot make, so that a small program
 * in the enclave makes it: `POST /attestation` with `{"userData": hex}` is answered by `{"document": hex}`. The chain must
 * know the certificates of a document beforehand.
 */
export function nitroBridge(options: NitroBridgeOptions = {}): QuoteProvider {
  const { socket = "/run/nsm.sock", timeout = 30_000 } = options;
  return {
    name: "nitro",
    kind: "nitro",
    simulated: false,
    async quote(reportData) {
      requireReportData(reportData);
      const body = { userData: Buffer.from(reportData).toString("hex") };
      const answer = await postJson({ socket, path: "/attestation", body, timeout });
      return quoteIn(answer, "document", `the bridge at ${socket}`);
    },
    preparation: rememberNext,
  };
}
