import { TeeError } from "../error.ts";

/** What Intel says of a platform's or an enclave's security version, in its own words; in the contracts' order. */
export const TCB_STATUSES = [
  /** No level that Intel lists is met. */
  "Unlisted",
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
] as const;

export type TcbStatus = (typeof TCB_STATUSES)[number];

export function tcbStatusOf(word: string): TcbStatus {
  const status = TCB_STATUSES.find((known) => known === word);
  if (status === undefined || status === "Unlisted") throw new TeeError("TcbStatusUnknown", { word });
  return status;
}

/** The status of a platform together with one of its enclaves or modules. */
export function together(platform: TcbStatus, enclave: TcbStatus): TcbStatus {
  if (enclave === "UpToDate" || platform === "Unlisted" || platform === "Revoked") return platform;
  if (enclave !== "OutOfDate") return enclave;
  const isConfigured = platform === "UpToDate" || platform === "SWHardeningNeeded" || platform === "OutOfDate";
  return isConfigured ? "OutOfDate" : "OutOfDateConfigurationNeeded";
}
