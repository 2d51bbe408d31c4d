import { TeeError } from "../error.ts";
import type { TcbStatus } from "./tcb-status.ts";

/** The lowest versions that do where Intel's lists are absent. Byte strings in hexadecimal with 0x. */
export interface MinimumTcb {
  readonly qeMrSigner: string;
  readonly sgxSvns: string;
  readonly tdxSvns: string;
  readonly pceSvn: number;
  readonly qeProdId: number;
  readonly qeSvn: number;
  /** Until when the administrator stands by it. */
  readonly until: number;
}

/** What a deployment takes of what Intel says. */
export interface Policy {
  readonly acceptedStatuses: readonly TcbStatus[];
  /** Whether quotes need current revocation lists of both issuers. */
  readonly listsRequired: boolean;
  /** What does where collateral is absent; null for nothing. */
  readonly minimums: { readonly sgx: MinimumTcb | null; readonly tdx: MinimumTcb | null };
  /** Seconds for which a quote counts at most. */
  readonly maxAge: number;
}

/** What the contracts take as long as the administrator says nothing else. */
export const STRICT_POLICY: Policy = {
  acceptedStatuses: ["UpToDate"],
  listsRequired: true,
  minimums: { sgx: null, tdx: null },
  maxAge: 30 * 86_400,
};

export function requireSane({ acceptedStatuses }: Policy): void {
  const never = acceptedStatuses.find((status) => status === "Unlisted" || status === "Revoked");
  if (never !== undefined) throw new TeeError("StatusesInvalid", { status: never });
}
