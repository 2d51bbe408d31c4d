import { hexToBytes } from "@noble/hashes/utils.js";

import { byteAt, hex } from "../bytes.ts";
import { TeeError } from "../error.ts";
import type { Quote } from "../quote/parse-quote.ts";
import type { TdReport } from "../quote/report.ts";
import { type Collateral, requireCurrent } from "./collateral.ts";
import { isvStatusOf } from "./enclave-identity.ts";
import type { PlatformTcb } from "./pck-extension.ts";
import type { MinimumTcb } from "./policy.ts";
import type { TcbLevel } from "./tcb-info.ts";
import { type TcbStatus, together } from "./tcb-status.ts";
import type { TdxModule } from "./tdx-module.ts";

/** What came of holding a platform or a quoting enclave against Intel's list, or against the minimum without one. */
export interface Assessment {
  readonly status: TcbStatus;
  readonly byCollateral: boolean;
  readonly until: number;
  /** Intel's names of what is to be known about the platform's level. */
  readonly advisories: readonly string[];
}

export function assessPlatform(tcb: PlatformTcb, quote: Quote, collateral: Collateral, now: number): Assessment {
  const td = quote.body.kind === "sgx" ? null : quote.body;
  const info = collateral.tcbInfoOf(td !== null, tcb);
  if (info === undefined) {
    const minimum = collateral.policy.minimums[td === null ? "sgx" : "tdx"];
    return byMinimum(requirePlatformMinimum(minimum, tcb, td, now));
  }

  requireCurrent(info, now);
  // From version 1 on the module has a list of its own, and the first two numbers are its.
  const version = td === null ? 0 : byteAt(td.teeTcbSvn, 1);
  const level = info.tcbLevels.find((level) => isMet(level, tcb, td, version === 0 ? 0 : 2));
  const ofPlatform = level?.status ?? "Unlisted";
  const status = td === null ? ofPlatform : together(ofPlatform, moduleStatus(info.tdxModuleIdentities, td, version));
  return { status, byCollateral: true, until: info.nextUpdate, advisories: level?.advisories ?? [] };
}

export function assessQuotingEnclave({ body, qeReport }: Quote, collateral: Collateral, now: number): Assessment {
  const isTdx = body.kind !== "sgx";
  const { isvProdId, isvSvn } = qeReport;
  const mrSigner = hex(qeReport.mrSigner);
  const identity = collateral.identityOf(isTdx);
  if (identity === undefined) {
    const minimum = collateral.policy.minimums[isTdx ? "tdx" : "sgx"];
    if (minimum === null || minimum.until <= now) throw new TeeError("IdentityMissing", { isTdx });
    const isKnown = mrSigner === minimum.qeMrSigner.toLowerCase() && isvProdId === minimum.qeProdId;
    if (!isKnown) throw new TeeError("QuotingEnclaveUnknown", { mrSigner, isvProdId });
    if (isvSvn < minimum.qeSvn) throw new TeeError("BelowMinimum", { isTdx });
    return byMinimum(minimum.until);
  }

  requireCurrent(identity, now);
  const isKnown =
    mrSigner === hex(identity.mrsigner) &&
    isvProdId === identity.isvprodid &&
    isMasked(qeReport.attributes, identity.attributes, identity.attributesMask) &&
    isMasked(qeReport.miscSelect, identity.miscselect, identity.miscselectMask);
  if (!isKnown) throw new TeeError("QuotingEnclaveUnknown", { mrSigner, isvProdId });
  const status = isvStatusOf(identity.tcbLevels, isvSvn);
  return { status, byCollateral: true, until: identity.nextUpdate, advisories: [] };
}

const byMinimum = (until: number): Assessment => ({ status: "UpToDate", byCollateral: false, until, advisories: [] });

function requirePlatformMinimum(
  minimum: MinimumTcb | null,
  tcb: PlatformTcb,
  td: TdReport | null,
  now: number,
): number {
  const isTdx = td !== null;
  if (minimum === null || minimum.until <= now) throw new TeeError("TcbInfoMissing", { fmspc: hex(tcb.fmspc), isTdx });
  const isMet =
    tcb.pceSvn >= minimum.pceSvn &&
    meets(tcb.componentSvns, hexToBytes(minimum.sgxSvns.slice(2)), 0) &&
    meets(td?.teeTcbSvn ?? new Uint8Array(16), hexToBytes(minimum.tdxSvns.slice(2)), 0);
  if (!isMet) throw new TeeError("BelowMinimum", { isTdx });
  if (td !== null) requireIntelsModule(td);
  return minimum.until;
}

/** The list goes from the highest level down, and the first one that is met counts. */
function isMet(level: TcbLevel, tcb: PlatformTcb, td: TdReport | null, firstTdx: number): boolean {
  return (
    tcb.pceSvn >= level.pceSvn &&
    meets(tcb.componentSvns, level.sgxSvns, 0) &&
    (td === null || (level.tdxSvns !== null && meets(td.teeTcbSvn, level.tdxSvns, firstTdx)))
  );
}

function moduleStatus(modules: readonly TdxModule[], td: TdReport, version: number): TcbStatus {
  if (version === 0) {
    requireIntelsModule(td);
    return "UpToDate";
  }
  const module = modules.find(({ id }) => id === version);
  const isKnown =
    module !== undefined &&
    hex(td.mrSignerSeam) === hex(module.mrsigner) &&
    isMasked(td.seamAttributes, module.attributes, module.attributesMask);
  if (!isKnown) throw new TeeError("TdxModuleUnknown", { version });
  return isvStatusOf(module.tcbLevels, byteAt(td.teeTcbSvn, 0));
}

/** The signer of Intel's own modules is zero. */
function requireIntelsModule({ mrSignerSeam, seamAttributes, teeTcbSvn }: TdReport): void {
  const isIntels = mrSignerSeam.every((byte) => byte === 0) && seamAttributes.every((byte) => byte === 0);
  if (!isIntels) throw new TeeError("TdxModuleUnknown", { version: byteAt(teeTcbSvn, 1) });
}

/** True if no component from `first` on is lower than needed. */
function meets(had: Uint8Array, needed: Uint8Array, first: number): boolean {
  return had.every((svn, i) => i < first || svn >= byteAt(needed, i));
}

function isMasked(had: Uint8Array, needed: Uint8Array, mask: Uint8Array): boolean {
  return had.every((byte, i) => ((byte ^ byteAt(needed, i)) & byteAt(mask, i)) === 0);
}
