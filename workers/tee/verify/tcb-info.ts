import { latin1 } from "../bytes.ts";
import { TeeError } from "../error.ts";
import { JsonCursor } from "./json.ts";
import { readMembers, requireAll } from "./read-members.ts";
import { type TcbStatus, tcbStatusOf } from "./tcb-status.ts";
import { readTdxModules, type TdxModule } from "./tdx-module.ts";

/** One level of security version numbers: a platform is at it if no number of its own is lower. */
export interface TcbLevel {
  readonly sgxSvns: Uint8Array;
  /** null in the TCB info of SGX. */
  readonly tdxSvns: Uint8Array | null;
  readonly pceSvn: number;
  readonly status: TcbStatus;
  /** Intel's names of what is to be known about it. */
  readonly advisories: readonly string[];
}

/** What Intel says of a family of platforms, under Intel's names. Dates are seconds since 1970. */
export interface TcbInfo {
  readonly id: "SGX" | "TDX";
  readonly version: number;
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly fmspc: Uint8Array;
  readonly pceId: Uint8Array;
  readonly tcbType: number;
  readonly tcbEvaluationDataNumber: number;
  /** From the highest level down. */
  readonly tcbLevels: readonly TcbLevel[];
  readonly tdxModuleIdentities: readonly TdxModule[];
}

/** Real ones have up to about twenty levels and three modules. */
const MAX_LEVELS = 32;
const COMPONENTS = 16;

/** The value of "tcbInfo", version 3, as Intel signs it. */
export function readTcbInfo(text: Uint8Array): TcbInfo {
  const json = new JsonCursor(text);
  const readers = {
    id: () => readId(json),
    version: () => exactly(json, 3),
    issueDate: () => json.time(),
    nextUpdate: () => json.time(),
    fmspc: () => json.hexBytes(6),
    pceId: () => json.hexBytes(2),
    tcbType: () => exactly(json, 0),
    tcbEvaluationDataNumber: () => atMost(json, 0xffff_ffff),
    tcbLevels: () => readLevels(json),
    tdxModuleIdentities: () => readTdxModules(json),
  };
  const found = readMembers<TcbInfo>(json, readers, "TcbInfoValue");
  json.finish();
  // Only TDX has a module, and it needs one.
  const modules = found.id === "TDX" ? {} : { tdxModuleIdentities: [] };
  const info = requireAll<TcbInfo>({ ...modules, ...found }, readers, "TcbInfoIncomplete");
  const isMixed = info.tcbLevels.some(({ tdxSvns }) => (info.id === "TDX") === (tdxSvns === null));
  if (isMixed) throw new TeeError("TcbInfoValue", { pos: 0 });
  return info;
}

function readLevels(json: JsonCursor): TcbLevel[] {
  const levels: TcbLevel[] = [];
  json.elements(() => {
    if (levels.length === MAX_LEVELS) throw new TeeError("LevelsTooMany", { pos: json.pos });
    levels.push(readLevel(json));
  });
  return levels;
}

function readLevel(json: JsonCursor): TcbLevel {
  let svns: ReturnType<typeof readSvns> | undefined;
  let status: TcbStatus | undefined;
  let advisories: string[] = [];
  json.members((name) => {
    if (name === "tcb") svns = readSvns(json);
    else if (name === "tcbStatus") status = tcbStatusOf(json.word());
    else if (name === "advisoryIDs") advisories = skipWords(json);
    else json.skip();
  });
  const { sgxSvns, tdxSvns = null, pceSvn } = svns ?? {};
  if (sgxSvns === undefined || pceSvn === undefined || status === undefined)
    throw new TeeError("TcbInfoValue", { pos: json.pos });
  return { sgxSvns, tdxSvns, pceSvn, status, advisories };
}

interface Svns {
  sgxSvns?: Uint8Array;
  tdxSvns?: Uint8Array;
  pceSvn?: number;
}

function readSvns(json: JsonCursor): Svns {
  const svns: Svns = {};
  json.members((name) => {
    if (name === "sgxtcbcomponents") svns.sgxSvns = readComponents(json);
    else if (name === "pcesvn") svns.pceSvn = atMost(json, 0xffff);
    else if (name === "tdxtcbcomponents") svns.tdxSvns = readComponents(json);
    else json.skip();
  });
  return svns;
}

function readComponents(json: JsonCursor): Uint8Array {
  const svns: number[] = [];
  json.elements(() => {
    if (svns.length === COMPONENTS) throw new TeeError("TcbInfoValue", { pos: json.pos });
    svns.push(readSvn(json));
  });
  if (svns.length !== COMPONENTS) throw new TeeError("TcbInfoValue", { pos: json.pos });
  return Uint8Array.from(svns);
}

function readSvn(json: JsonCursor): number {
  let svn: number | undefined;
  json.members((name) => {
    if (name === "svn") svn = json.number();
    else json.skip();
  });
  if (svn === undefined || svn > 0xff) throw new TeeError("TcbInfoValue", { pos: json.pos });
  return svn;
}

/** The strings in a value, which is not looked at any further: the contracts skip it. */
function skipWords(json: JsonCursor): string[] {
  const from = json.pos;
  json.skip();
  return Array.from(latin1(json.text.subarray(from, json.pos)).matchAll(/"([^"]*)"/g), ([, word = ""]) => word);
}

function readId(json: JsonCursor): "SGX" | "TDX" {
  const id = json.word();
  if (id !== "SGX" && id !== "TDX") throw new TeeError("TcbInfoValue", { pos: json.pos });
  return id;
}

function exactly(json: JsonCursor, needed: number): number {
  const value = json.number();
  if (value !== needed) throw new TeeError("TcbInfoValue", { pos: json.pos });
  return value;
}

function atMost(json: JsonCursor, max: number): number {
  const value = json.number();
  if (value > max) throw new TeeError("TcbInfoValue", { pos: json.pos });
  return value;
}
