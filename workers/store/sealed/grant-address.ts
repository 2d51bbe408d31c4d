import { AssayError } from "../../../circuits/format/error.ts";
import { digestOfContentId } from "../../../circuits/format/content-id.ts";
import { ipfsPathOf } from "../../sdk/store/ipfs-address.ts";
import { StoreError } from "../store-error.ts";

export interface GrantAddress {
  /** Content id of the grant. */
  readonly grant: string;
  /** Where grant and sealed files are, if the address says so: what a version calls its `uri`. */
  readonly base: string | undefined;
}

/** Of `<content id>`, `ipfs://<directory>/<content id>` or `https://…/<content id>`. Throws `GRANT_INVALID`. */
export function parseGrantAddress(text: string): GrantAddress {
  const [, base, grant = ""] = /^(?:(.*)\/)?([^/]*)$/.exec(text) ?? [];
  try {
    digestOfContentId(grant);
  } catch (cause) {
    if (cause instanceof AssayError) throw invalid(text, "does not end in the grant's content id", cause);
    throw cause;
  }
  if (base !== undefined && !(URL.canParse(base) && /^https?:/.test(base)) && ipfsPathOf(base) === undefined)
    throw invalid(text, "begins with neither https:// nor ipfs://");
  return { grant, base };
}

/** Whatever a version calls its `uri`, with the content id of the grant that is there. */
export function grantAddress(base: string, grant: string): string {
  return base.endsWith("/") ? base + grant : `${base}/${grant}`;
}

function invalid(text: string, problem: string, cause?: unknown): StoreError {
  return new StoreError("GRANT_INVALID", `the grant's address ${JSON.stringify(text)} ${problem}`, { cause });
}
