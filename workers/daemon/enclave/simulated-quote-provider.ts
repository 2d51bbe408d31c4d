import type { RootSecret } from "../../tee/development/authority.ts";
import { developmentPlatform } from "../../tee/development/development-platform.ts";
import { type QuoteProvider, requireReportData } from "./quote-provider.ts";

export interface SimulatedQuoteOptions {
  /** Of the development platform that the deployment's simulated verifier trusts; 32 bytes. */
  readonly rootSecret: RootSecret;
  /** Name of the image that the simulated enclave claims to run; its measurement follows from it. */
  readonly image: string;
}

/**
 * SIMULATED quotes: of the form of TDX, signed under a development root. They prove nothing about isolation, and the
 * chain marks every enclave enrolled with them as simulated.
 */
export function simulatedQuoteProvider({ rootSecret, image }: SimulatedQuoteOptions): QuoteProvider {
  const platform = developmentPlatform(rootSecret);
  return {
    name: "simulated",
    kind: "dcap",
    simulated: true,
    // As of hardware, a failure is a rejection.
    quote: async (reportData) => {
      requireReportData(reportData);
      return Promise.resolve(platform.quote({ reportData, image }));
    },
  };
}
