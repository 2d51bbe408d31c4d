import { sign, type Signer } from "./authority.ts";
import { SVNS } from "./platform.ts";
import { MR_SIGNERS } from "./quote.ts";

type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

export interface Dates {
  readonly issuedAt: number;
  readonly nextUpdate: number;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
const component = (svn: number) => ({ svn, category: "BIOS", type: "Early Microcode Update" });
const zeros = (count: number) => Array.from({ length: count }, () => 0);

/** One level of a TCB info; `tdx` only in that of TDX. */
export function tcbLevel(status: string, sgx: readonly number[], pcesvn: number, tdx?: readonly number[]) {
  const tcb = { sgxtcbcomponents: sgx.map(component), pcesvn };
  return {
    tcb: tdx === undefined ? tcb : { ...tcb, tdxtcbcomponents: tdx.map(component) },
    tcbDate: "2025-05-14T00:00:00Z",
    tcbStatus: status,
    advisoryIDs: ["INTEL-SA-00828", "INTEL [] {} , SA"],
  };
}

const isvLevel = (isvsvn: number, tcbStatus: string) => ({
  tcb: { isvsvn },
  tcbDate: "2025-05-14T00:00:00Z",
  tcbStatus,
});

const tdxModule = (id: string, isvsvn: number) => ({
  id,
  mrsigner: "00".repeat(48),
  attributes: "00".repeat(8),
  attributesMask: "FF".repeat(8),
  tcbLevels: [isvLevel(isvsvn, "UpToDate"), isvLevel(isvsvn - 2, "OutOfDate")],
});

/** The numbers of the development platform meet the first level exactly. */
export function tcbInfo(isTdx: boolean, { issuedAt, nextUpdate }: Dates) {
  const tdx = [4, 1, 7, ...zeros(13)];
  const lower = SVNS.components.map((svn) => Math.max(0, svn - 1));
  return {
    id: isTdx ? "TDX" : "SGX",
    version: 3,
    issueDate: iso(issuedAt),
    nextUpdate: iso(nextUpdate),
    fmspc: SVNS.fmspc.toUpperCase(),
    pceId: SVNS.pceId,
    tcbType: 0,
    tcbEvaluationDataNumber: 17,
    ...(isTdx
      ? {
          tdxModule: { mrsigner: "00".repeat(48), attributes: "00".repeat(8), attributesMask: "FF".repeat(8) },
          tdxModuleIdentities: [tdxModule("TDX_03", 3), tdxModule("TDX_01", 4)],
        }
      : {}),
    tcbLevels: [
      tcbLevel("UpToDate", SVNS.components, SVNS.pceSvn, isTdx ? tdx : undefined),
      tcbLevel("OutOfDate", lower, 5, isTdx ? zeros(16) : undefined),
      tcbLevel("Revoked", zeros(16), 0, isTdx ? zeros(16) : undefined),
    ],
  };
}

export function enclaveIdentity(isTdx: boolean, { issuedAt, nextUpdate }: Dates) {
  return {
    id: isTdx ? "TD_QE" : "QE",
    version: 2,
    issueDate: iso(issuedAt),
    nextUpdate: iso(nextUpdate),
    tcbEvaluationDataNumber: 17,
    miscselect: "00000000",
    miscselectMask: "FFFFFFFF",
    attributes: `11${"00".repeat(15)}`,
    attributesMask: `FBFFFFFFFFFFFFFF${"00".repeat(8)}`,
    mrsigner: (isTdx ? MR_SIGNERS.tdx : MR_SIGNERS.sgx).toUpperCase(),
    isvprodid: isTdx ? 2 : 1,
    tcbLevels: [isvLevel(6, "UpToDate"), isvLevel(5, "OutOfDate"), isvLevel(1, "Revoked")],
  };
}

/** The exact bytes, and r and s over them. */
export function signedCollateral(content: Json | string, signer: Signer) {
  const text = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  const signature = sign(text, signer);
  return [text, signature.slice(0, 32), signature.slice(32)] as const;
}
