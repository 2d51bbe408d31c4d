import { z } from "zod";

import { problemsIn } from "../../../circuits/format/problems.ts";
import { isEqual, latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { Collateral } from "../verify/collateral.ts";
import { type Policy, STRICT_POLICY } from "../verify/policy.ts";
import { INTEL_ROOT, type RootKey } from "../verify/root.ts";
import { TCB_STATUSES } from "../verify/tcb-status.ts";
import { TAG } from "../x509/der.ts";
import { readRevocationList } from "../x509/revocation-list.ts";
import { certificateIn, CollateralFileError, joined, readChain, readList, readSigned } from "./pcs-files.ts";

export interface CollateralFilesParameters {
  /** By default Intel's. */
  readonly root?: RootKey;
  /** The time at which collateral must hold, in seconds since 1970. */
  readonly now: number;
  /** Certificates in PEM besides those in the files, such as a quote's: lists need their issuers. */
  readonly certificates?: readonly Uint8Array[];
}

const bytes = (count: number) =>
  z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${2 * count}}$`), `is not 0x and ${count} bytes`);
const minimum = z.strictObject({
  qeMrSigner: bytes(32),
  sgxSvns: bytes(16),
  tdxSvns: bytes(16),
  pceSvn: z.int().nonnegative(),
  qeProdId: z.int().nonnegative(),
  qeSvn: z.int().nonnegative(),
  until: z.int().nonnegative(),
});
const policyFile = z.strictObject({
  acceptedStatuses: z.array(z.enum(TCB_STATUSES)).default([...STRICT_POLICY.acceptedStatuses]),
  listsRequired: z.boolean().default(STRICT_POLICY.listsRequired),
  minimums: z
    .strictObject({ sgx: minimum.nullable().default(null), tdx: minimum.nullable().default(null) })
    .default(STRICT_POLICY.minimums),
  maxAge: z.int().positive().default(STRICT_POLICY.maxAge),
});

const POLICY_FILE = "policy.json";

/**
 * Collateral out of files as Intel's service serves them, by their names: TCB infos, identities, revocation lists,
 * certificates, and what of them is taken in `policy.json` (a `Policy`; what it leaves out is as strict as the contracts).
 * What a file is shows in it. Throws `COLLATERAL_FILE`, and the `TeeError` by which something does not hold.
 */
export function collateralFromFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { root = INTEL_ROOT, now, certificates = [] }: CollateralFilesParameters,
): Collateral {
  const policy = files.get(POLICY_FILE);
  const collateral = new Collateral(root, policy === undefined ? STRICT_POLICY : readPolicy(latin1(policy)));
  const sorted = Map.groupBy(files, ([name, content]) => kindOf(name, content));
  const ofKind = (kind: Kind) => sorted.get(kind) ?? [];
  const pool = new Pool(root, [
    ...ofKind("certificates").flatMap(([, file]) => readChain(latin1(file))),
    ...certificates,
  ]);

  // Lists come first: a signer that was revoked signs nothing.
  for (const [name, file] of ofKind("list"))
    of(name, () => {
      const list = readList(file);
      return collateral.addRevocations(pool.issuerOf(readRevocationList(list).issuer), list, now);
    });
  for (const [name, file] of ofKind("tcbInfo"))
    of(name, () => collateral.addTcbInfo({ ...readSigned(latin1(file), "tcbInfo"), signerChain: pool.signer() }, now));
  for (const [name, file] of ofKind("enclaveIdentity"))
    of(name, () =>
      collateral.addIdentity({ ...readSigned(latin1(file), "enclaveIdentity"), signerChain: pool.signer() }, now),
    );
  return collateral;
}

type Kind = "policy" | "tcbInfo" | "enclaveIdentity" | "certificates" | "list";

/** Chains come in files of their own, or in the headers that they were served with. */
function kindOf(name: string, content: Uint8Array): Kind {
  if (name === POLICY_FILE) return "policy";
  const text = latin1(content);
  if (/^\s*\{\s*"tcbInfo"/.test(text)) return "tcbInfo";
  if (/^\s*\{\s*"enclaveIdentity"/.test(text)) return "enclaveIdentity";
  if (/BEGIN( |%20|\+)CERTIFICATE/.test(text)) return "certificates";
  if (readList(content)[0] === TAG.sequence) return "list";
  throw new CollateralFileError(`${name} is none of the files that Intel's service serves`);
}

function readPolicy(text: string): Policy {
  const parsed = policyFile.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CollateralFileError(`${POLICY_FILE} is not valid:\n${problemsIn(parsed.error).join("\n")}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CollateralFileError(`${POLICY_FILE} is not JSON`, cause);
  }
}

/** Says of which file an error is. */
function of(name: string, add: () => unknown): void {
  try {
    add();
  } catch (error) {
    if (error instanceof CollateralFileError) throw new CollateralFileError(`${name}: ${error.message}`, error);
    throw error;
  }
}

/** Certificates among which chains to the root are found. */
class Pool {
  readonly #root: Uint8Array;
  readonly #certificates: readonly {
    readonly pem: Uint8Array;
    readonly certificate: ReturnType<typeof certificateIn>;
  }[];

  constructor(root: RootKey, pems: readonly Uint8Array[]) {
    this.#certificates = pems.map((pem) => ({ pem, certificate: certificateIn(pem) }));
    const found = this.#certificates.find(({ certificate }) => isEqual(certificate.point, root));
    if (pems.length > 0 && found === undefined) throw new TeeError("RootUnknown");
    this.#root = found?.pem ?? new Uint8Array();
  }

  /** The chain of an authority by its name. */
  issuerOf(name: Uint8Array): Uint8Array {
    const found = this.#certificates.find(({ certificate }) => isEqual(certificate.subject, name));
    if (found === undefined) throw new CollateralFileError("no certificate among the files is the issuer's");
    return found.pem === this.#root ? this.#root : joined([found.pem, this.#root]);
  }

  /** The chain of whoever signs collateral. */
  signer(): Uint8Array {
    const found = this.#certificates.find(
      ({ certificate: { extensions } }) => extensions.signsData && !extensions.isAuthority && extensions.sgx === null,
    );
    if (found === undefined)
      throw new CollateralFileError("no certificate among the files is one that signs collateral");
    return joined([found.pem, this.#root]);
  }
}
