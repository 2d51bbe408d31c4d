import { configfsTsm, dstack, nitroBridge, type QuoteProvider, simulatedQuoteProvider } from "../daemon/index.ts";
import type { WorkerConfig } from "../daemon/index.ts";
import type { EnclaveOptions } from "./worker-file.ts";

/** The enclave of a worker's configuration, as the worker takes it. */
export function enclaveOf(options: EnclaveOptions): NonNullable<WorkerConfig["enclave"]> {
  const { verifier, renewBefore } = options;
  const quoteProvider = quoteProviderOf(options);
  return { quoteProvider, renewBefore, ...(verifier !== undefined && { verifierId: BigInt(verifier) }) };
}

function quoteProviderOf(options: EnclaveOptions): QuoteProvider {
  switch (options.provider) {
    case "simulated":
      return simulatedQuoteProvider(options);
    case "configfs-tsm":
      return configfsTsm(options);
    case "dstack":
      return dstack(options.socket === undefined ? {} : { sockets: [options.socket] });
    case "nitro":
      return nitroBridge(options);
  }
}
