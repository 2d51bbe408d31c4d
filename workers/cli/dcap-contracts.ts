import { AssayError } from "../../circuits/format/error.ts";
import { findQuoteVerifier } from "../daemon/index.ts";
import { readAt } from "../sdk/access.ts";
import type { Client } from "../sdk/index.ts";

/** A verifier of DCAP quotes and the addresses of what it leans on. */
export interface DcapContracts {
  readonly verifierId: bigint;
  readonly store: string;
  readonly registry: string;
}

/** Throws `QUOTE_VERIFIER_MISSING`, and `NOT_DCAP` for a verifier of another kind. */
export async function findDcapContracts(
  client: Client,
  { simulated, verifierId }: { readonly simulated: boolean; readonly verifierId?: bigint | undefined },
): Promise<DcapContracts> {
  const { id, address } = await findQuoteVerifier(client, { kind: "dcap", simulated }, { verifierId });
  const call = { contract: "dcapQuoteVerifier", args: [] } as const;
  try {
    const [store, registry] = await Promise.all([
      readAt(client, address, { ...call, functionName: "CERTIFICATES" }),
      readAt(client, address, { ...call, functionName: "COLLATERAL" }),
    ]);
    return { verifierId: id, store, registry };
  } catch (cause) {
    if (!(cause instanceof AssayError) || cause.retryable) throw cause;
    throw new AssayError("NOT_DCAP", `quote verifier ${id} is not one of DCAP quotes`, { cause });
  }
}
