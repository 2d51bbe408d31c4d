import { TeeError } from "../error.ts";
import { JsonCursor } from "./json.ts";
import { readMembers, requireAll } from "./read-members.ts";
import { type TcbStatus, tcbStatusOf } from "./tcb-status.ts";

/** A level of one security version number. */
export interface IsvLevel {
  readonly svn: number;
  readonly status: TcbStatus;
}

/** A quoting enclave as Intel describes it, under Intel's names. Dates are seconds since 1970. */
export interface EnclaveIdentity {
  readonly id: string;
  readonly version: number;
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly tcbEvaluationDataNumber: number;
  readonly miscselect: Uint8Array;
  readonly miscselectMask: Uint8Array;
  readonly attributes: Uint8Array;
  readonly attributesMask: Uint8Array;
  readonly mrsigner: Uint8Array;
  readonly isvprodid: number;
  /** From the highest version down. */
  readonly tcbLevels: readonly IsvLevel[];
}

/** Real ones have about ten. */
const MAX_LEVELS = 24;

/** The value of "enclaveIdentity", version 2, as Intel signs it. */
export function readEnclaveIdentity(text: Uint8Array): EnclaveIdentity {
  const json = new JsonCursor(text);
  const readers = {
    id: () => json.word(),
    version: () => two(json),
    issueDate: () => json.time(),
    nextUpdate: () => json.time(),
    tcbEvaluationDataNumber: () => atMost(json, 0xffff_ffff),
    miscselect: () => json.hexBytes(4),
    miscselectMask: () => json.hexBytes(4),
    attributes: () => json.hexBytes(16),
    attributesMask: () => json.hexBytes(16),
    mrsigner: () => json.hexBytes(32),
    isvprodid: () => atMost(json, 0xffff),
    tcbLevels: () => readIsvLevels(json),
  };
  const found = readMembers<EnclaveIdentity>(json, readers, "IdentityValue");
  json.finish();
  return requireAll(found, readers, "IdentityIncomplete");
}

/** Levels of one security version number, from the highest down. */
export function readIsvLevels(json: JsonCursor): IsvLevel[] {
  const levels: IsvLevel[] = [];
  json.elements(() => {
    if (levels.length === MAX_LEVELS) throw new TeeError("LevelsTooMany", { pos: json.pos });
    levels.push(readIsvLevel(json));
  });
  return levels;
}

/** The status of the first level that a version meets. */
export function isvStatusOf(levels: readonly IsvLevel[], isvSvn: number): TcbStatus {
  return levels.find(({ svn }) => isvSvn >= svn)?.status ?? "Unlisted";
}

function readIsvLevel(json: JsonCursor): IsvLevel {
  let svn: number | undefined;
  let status: TcbStatus | undefined;
  json.members((name) => {
    if (name === "tcb") svn = readIsvSvn(json);
    else if (name === "tcbStatus") status = tcbStatusOf(json.word());
    else json.skip();
  });
  if (svn === undefined || svn > 0xffff || status === undefined) throw new TeeError("IdentityValue", { pos: json.pos });
  return { svn, status };
}

function readIsvSvn(json: JsonCursor): number | undefined {
  let svn: number | undefined;
  json.members((name) => {
    if (name === "isvsvn") svn = json.number();
    else json.skip();
  });
  return svn;
}

function atMost(json: JsonCursor, max: number): number {
  const value = json.number();
  if (value > max) throw new TeeError("IdentityValue", { pos: json.pos });
  return value;
}

function two(json: JsonCursor): number {
  const version = json.number();
  if (version !== 2) throw new TeeError("IdentityValue", { pos: json.pos });
  return version;
}
