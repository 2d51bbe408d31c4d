import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { isHexString } from "ethers";

import { AssayError } from "../../circuits/format/error.ts";
import { findQuoteVerifier } from "../daemon/index.ts";
import { type Client, fetchCollateral } from "../sdk/index.ts";
import { latin1 } from "../tee/bytes.ts";
import { collateralFromFiles } from "../tee/collateral/collateral-files.ts";
import { certificateIn, readChain } from "../tee/collateral/pcs-files.ts";
import { TeeError } from "../tee/error.ts";
import { parseQuote } from "../tee/quote/parse-quote.ts";
import type { Collateral } from "../tee/verify/collateral.ts";
import { INTEL_ROOT, type RootKey } from "../tee/verify/root.ts";
import { EvidenceFileError, readBytes } from "./evidence-file.ts";

class CollateralSourceError extends AssayError {
  declare readonly code: "ROOT_FILE";
}

/** The key of a root from its 64 bytes in hexadecimal, or from a file with certificates in PEM, the root's last. */
export async function readRoot(text: string): Promise<RootKey> {
  if (isHexString(text, 64)) return Buffer.from(text.slice(2), "hex");
  const certificate = readChain((await readBytes(text)).toString("latin1")).at(-1);
  if (certificate === undefined) throw new CollateralSourceError("ROOT_FILE", `${text} has no certificate`);
  return certificateIn(certificate).point;
}

/** Collateral out of a directory. The quote's own certificates help to find the issuers of revocation lists. */
export async function collateralIn(
  directory: string,
  quote: Uint8Array,
  { root = INTEL_ROOT, now }: { readonly root?: RootKey | undefined; readonly now: number },
): Promise<Collateral> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new EvidenceFileError("FILE_MISSING", `${directory} is not a directory that can be read`, { cause });
  });
  const files = await Promise.all(names.map(async (name) => [name, await readBytes(join(directory, name))] as const));
  return collateralFromFiles(new Map(files), { root, now, certificates: certificatesOf(quote) });
}

/** None if they cannot be read: then the quote fails by its rules. */
function certificatesOf(quote: Uint8Array): Uint8Array[] {
  try {
    return readChain(latin1(parseQuote(quote).chain));
  } catch (error) {
    if (error instanceof AssayError) return [];
    throw error;
  }
}

/** What a deployment's verifier of DCAP quotes holds a quote against at a block. */
export interface ChainCollateral {
  readonly collateral: Collateral;
  readonly now: number;
  readonly verifier: string;
  readonly blockNumber: number;
}

export interface ChainCollateralOptions {
  readonly simulated: boolean;
  readonly verifier?: number;
  readonly root?: RootKey | undefined;
}

/** Throws `RootUnknown` if the verifier pins another root than is asked for: Intel's, unless simulated quotes are. */
export async function collateralOnChain(client: Client, options: ChainCollateralOptions): Promise<ChainCollateral> {
  const { simulated, verifier: verifierId } = options;
  const wanted = { kind: "dcap", simulated } as const;
  const { address: verifier } = await findQuoteVerifier(client, wanted, {
    ...(verifierId !== undefined && { verifierId: BigInt(verifierId) }),
  });
  const blockNumber = await client.provider.getBlockNumber();
  const { collateral, now } = await fetchCollateral(client, { verifier, blockNumber });
  const needed = options.root ?? (simulated ? collateral.root : INTEL_ROOT);
  if (Buffer.compare(collateral.root, needed) !== 0) throw new TeeError("RootUnknown", { verifier });
  return { collateral, now, verifier, blockNumber };
}
