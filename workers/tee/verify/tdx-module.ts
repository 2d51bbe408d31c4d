import { byteAt, latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { type IsvLevel, readIsvLevels } from "./enclave-identity.ts";
import type { JsonCursor } from "./json.ts";
import { readMembers, requireAll } from "./read-members.ts";

/** A TDX module as Intel describes it. */
export interface TdxModule {
  /** The major version, which is the second byte of a quote's TEE TCB SVN. */
  readonly id: number;
  /** 48 bytes. */
  readonly mrsigner: Uint8Array;
  readonly attributes: Uint8Array;
  readonly attributesMask: Uint8Array;
  readonly tcbLevels: readonly IsvLevel[];
}

const MAX_MODULES = 8;
const MR_SIGNER = 48;

/** "tdxModuleIdentities" in the TCB info of TDX. */
export function readTdxModules(json: JsonCursor): TdxModule[] {
  const modules: TdxModule[] = [];
  json.elements(() => {
    if (modules.length === MAX_MODULES) throw new TeeError("TdxModuleValue", { pos: json.pos });
    modules.push(readTdxModule(json));
  });
  return modules;
}

function readTdxModule(json: JsonCursor): TdxModule {
  const readers = {
    id: () => readVersion(json),
    mrsigner: () => readMrSigner(json),
    attributes: () => json.hexBytes(8),
    attributesMask: () => json.hexBytes(8),
    tcbLevels: () => readIsvLevels(json),
  };
  return requireAll(readMembers<TdxModule>(json, readers, "TdxModuleValue"), readers, "TdxModuleValue");
}

/** "TDX_" and two hexadecimal digits. */
function readVersion(json: JsonCursor): number {
  const { from, to } = json.string();
  const isNamed = to - from === 6 && latin1(json.text.subarray(from, from + 4)) === "TDX_";
  if (!isNamed) throw new TeeError("TdxModuleValue", { pos: from });
  return byteAt(json.hexAt(from + 4, 1), 0);
}

function readMrSigner(json: JsonCursor): Uint8Array {
  const { from, to } = json.string();
  if (to - from !== 2 * MR_SIGNER) throw new TeeError("TdxModuleValue", { pos: from });
  return json.hexAt(from, MR_SIGNER);
}
