/** Collateral that no verifier may take although it is signed, with the error of each. */
import { enclaveIdentity, tcbInfo, tcbLevel } from "../../../workers/tee/development/collateral.ts";
import { SVNS } from "../../../workers/tee/development/platform.ts";
import { DATES } from "./fixture.ts";

export const NEWER = { issuedAt: DATES.issuedAt + 1, nextUpdate: DATES.nextUpdate + 1 };
const zeros = Array.from({ length: 16 }, () => 0);

export const infoOf = (change: object = {}, isTdx = false) => JSON.stringify({ ...tcbInfo(isTdx, NEWER), ...change });
export const identityOf = (change: object = {}, isTdx = false) =>
  JSON.stringify({ ...enclaveIdentity(isTdx, NEWER), ...change });

const level = tcbLevel("UpToDate", SVNS.components, 1);
export const WRONG_INFOS: Record<string, readonly [text: string, error: string]> = {
  "of another version": [infoOf({ version: 2 }), "TcbInfoValue"],
  "of another type of TCB": [infoOf({ tcbType: 1 }), "TcbInfoValue"],
  "of another technology": [infoOf({ id: "SEV" }), "TcbInfoValue"],
  "without levels": [JSON.stringify({ ...tcbInfo(false, NEWER), tcbLevels: undefined }), "TcbInfoIncomplete"],
  "of TDX without modules": [
    JSON.stringify({ ...tcbInfo(true, NEWER), tdxModuleIdentities: undefined }),
    "TcbInfoIncomplete",
  ],
  "with a member twice": [infoOf().replace("{", '{"version":3,'), "TcbInfoValue"],
  "with 33 levels": [infoOf({ tcbLevels: Array.from({ length: 33 }, () => level) }), "LevelsTooMany"],
  "with 15 components": [infoOf({ tcbLevels: [tcbLevel("UpToDate", SVNS.components.slice(1), 1)] }), "TcbInfoValue"],
  "with 17 components": [infoOf({ tcbLevels: [tcbLevel("UpToDate", [...SVNS.components, 0], 1)] }), "TcbInfoValue"],
  "with no components": [infoOf({ tcbLevels: [tcbLevel("UpToDate", [], 1)] }), "TcbInfoValue"],
  "with a component above 255": [infoOf({ tcbLevels: [tcbLevel("UpToDate", zeros.with(0, 256), 1)] }), "TcbInfoValue"],
  "with a PCE version above 65535": [infoOf({ tcbLevels: [tcbLevel("UpToDate", zeros, 65_536)] }), "TcbInfoValue"],
  "with an evaluation above 2^32": [infoOf({ tcbEvaluationDataNumber: 2 ** 32 }), "TcbInfoValue"],
  "with a status that is unknown": [infoOf({ tcbLevels: [tcbLevel("Fine", zeros, 1)] }), "TcbStatusUnknown"],
  "with a level without status": [infoOf({ tcbLevels: [{ tcb: level.tcb }] }), "TcbInfoValue"],
  "with a level without versions": [infoOf({ tcbLevels: [{ tcbStatus: "UpToDate" }] }), "TcbInfoValue"],
  "of SGX with versions of TDX": [infoOf({ tcbLevels: [tcbLevel("UpToDate", zeros, 1, zeros)] }), "TcbInfoValue"],
  "of TDX without versions of TDX": [infoOf({ tcbLevels: [level] }, true), "TcbInfoValue"],
  "with a module of another name": [
    infoOf({ tdxModuleIdentities: [moduleWith({ id: "TDX-01" })] }, true),
    "TdxModuleValue",
  ],
  "with a module's signer that is too short": [
    infoOf({ tdxModuleIdentities: [moduleWith({ mrsigner: "00" })] }, true),
    "TdxModuleValue",
  ],
  "with a module without signer": [
    infoOf({ tdxModuleIdentities: [moduleWith({ mrsigner: undefined })] }, true),
    "TdxModuleValue",
  ],
  "with nine modules": [
    infoOf({ tdxModuleIdentities: Array.from({ length: 9 }, () => moduleWith({})) }, true),
    "TdxModuleValue",
  ],
  "with a date that is none": [infoOf({ issueDate: "2026-02-29T00:00:00Z" }), "CalendarTimeInvalid"],
  "with a time that is none": [infoOf({ issueDate: "2026-01-01T24:00:00Z" }), "CalendarTimeInvalid"],
  "with a time of another zone": [infoOf({ issueDate: "2026-01-01T00:00:00X" }), "CalendarTimeInvalid"],
  "with an FMSPC that is too long": [infoOf({ fmspc: "00806f05000000" }), "JsonUnexpected"],
  "with an FMSPC that is not hexadecimal": [infoOf({ fmspc: "00806g050000" }), "JsonUnexpected"],
  "with white space": [infoOf().replace(",", ", "), "JsonUnexpected"],
  "with an escape": [infoOf({ comment: "\n" }), "JsonUnexpected"],
  "with a leading zero": [infoOf().replace('"version":3', '"version":03'), "JsonUnexpected"],
  "with a fraction": [infoOf().replace('"version":3', '"version":3.0'), "JsonUnexpected"],
  "with a comma too many": [infoOf().replace(/}$/, ",}"), "JsonUnexpected"],
  "with something behind": [`${infoOf()}0`, "JsonUnexpected"],
  "that is cut off": [infoOf().slice(0, -1), "JsonUnexpected"],
  "that is empty": ["", "JsonUnexpected"],
  "with a bracket that closes nothing": [infoOf().replace('"version":3', '"other":]'), "JsonUnexpected"],
};

export const WRONG_IDENTITIES: Record<string, readonly [text: string, error: string]> = {
  "of another enclave": [identityOf({ id: "QVE" }), "IdentityUnknown"],
  "of another version": [identityOf({ version: 1 }), "IdentityValue"],
  "without a signer": [JSON.stringify({ ...enclaveIdentity(false, NEWER), mrsigner: undefined }), "IdentityIncomplete"],
  "with a member twice": [identityOf().replace("{", '{"version":2,'), "IdentityValue"],
  "with a product id above 65535": [identityOf({ isvprodid: 65_536 }), "IdentityValue"],
  "with 25 levels": [identityOf({ tcbLevels: Array.from({ length: 25 }, () => isv(1)) }), "LevelsTooMany"],
  "with a version above 65535": [identityOf({ tcbLevels: [isv(65_536)] }), "IdentityValue"],
  "with a level without version": [identityOf({ tcbLevels: [{ tcbStatus: "UpToDate", tcb: {} }] }), "IdentityValue"],
  "with a level without status": [identityOf({ tcbLevels: [{ tcb: { isvsvn: 1 } }] }), "IdentityValue"],
};

export function isv(isvsvn: number, tcbStatus = "UpToDate") {
  return { tcb: { isvsvn }, tcbDate: "2025-05-14T00:00:00Z", tcbStatus };
}

function moduleWith(change: object) {
  const mask = "FF".repeat(8);
  return {
    id: "TDX_01",
    mrsigner: "00".repeat(48),
    attributes: mask,
    attributesMask: mask,
    tcbLevels: [isv(1)],
    ...change,
  };
}
