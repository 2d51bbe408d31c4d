/** Quotes that no verifier may take under the development root, with the error of each. */
import { quote, type QuoteSpec, signerOf } from "./development.ts";
import { CHAIN } from "./fixture.ts";

const byte = (value: number) => Buffer.from([value]);
const ORDER = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");

const specs: Record<string, readonly [spec: Omit<QuoteSpec, "chain">, error: string]> = {
  "of version 2": [{ form: "sgx-v3", header: { 0: byte(2) } }, "QuoteVersion"],
  "of version 6": [{ form: "sgx-v3", header: { 0: byte(6) } }, "QuoteVersion"],
  "with a key of another kind": [{ form: "sgx-v3", header: { 2: byte(3) } }, "QuoteKeyType"],
  "of an unknown kind of hardware": [{ form: "td10-v4", header: { 4: byte(0x82) } }, "QuoteTeeType"],
  "of TDX in version 3": [{ form: "sgx-v3", header: { 4: byte(0x81) } }, "QuoteTeeType"],
  "of another maker's quoting enclave": [{ form: "sgx-v3", header: { 12: byte(0) } }, "QuoteVendor"],
  "of SGX that says TDX": [{ form: "sgx-v5", header: { 4: byte(0x81) } }, "QuoteBody"],
  "of TDX that says SGX": [{ form: "td10-v5", header: { 4: byte(0) } }, "QuoteBody"],
  "of an enclave that can be debugged": [{ form: "sgx-v3", body: { 48: byte(7) } }, "DebugEnclave"],
  "of a TD that can be debugged": [{ form: "td10-v4", body: { 120: byte(1) } }, "DebugEnclave"],
  "of a TD 1.5 that can be debugged": [{ form: "td15-v5", body: { 120: byte(0x80) } }, "DebugEnclave"],
  "by a quoting enclave that can be debugged": [
    { form: "sgx-v3", qeReport: { 48: byte(0x17) } },
    "QuotingEnclaveDebug",
  ],
  "by a quoting enclave of another signer": [{ form: "sgx-v3", qeReport: { 128: byte(1) } }, "QuotingEnclaveUnknown"],
  "by another quoting enclave of the signer": [{ form: "sgx-v3", qeReport: { 256: byte(2) } }, "QuotingEnclaveUnknown"],
  "by a quoting enclave with other attributes": [
    { form: "sgx-v3", qeReport: { 48: byte(0x35) } },
    "QuotingEnclaveUnknown",
  ],
  "by a quoting enclave with another MISCSELECT": [
    { form: "sgx-v3", qeReport: { 16: byte(1) } },
    "QuotingEnclaveUnknown",
  ],
  "by an old quoting enclave": [{ form: "td10-v4", qeReport: { 258: byte(5) } }, "TcbStatusRefused"],
  "with another attestation key than vouched for": [
    { form: "sgx-v3", qeReport: { 320: byte(1) } },
    "AttestationKeyMismatch",
  ],
  "with more report data of the quoting enclave": [
    { form: "sgx-v3", qeReport: { 383: byte(1) } },
    "AttestationKeyMismatch",
  ],
  "signed by another PCK": [{ form: "sgx-v3", pck: signerOf("somebody") }, "QuotingEnclaveSignature"],
  "with s beyond the order": [
    { form: "sgx-v3", signature: (valid) => Buffer.concat([valid.slice(0, 32), ORDER]) },
    "QuoteSignature",
  ],
  "with s zero": [
    { form: "sgx-v3", signature: (valid) => Buffer.concat([valid.slice(0, 32), Buffer.alloc(32)]) },
    "QuoteSignature",
  ],
  "with r zero": [
    { form: "sgx-v3", qeSignature: (valid) => Buffer.concat([Buffer.alloc(32), valid.slice(32)]) },
    "QuotingEnclaveSignature",
  ],
  "with r beyond the order": [
    { form: "sgx-v3", qeSignature: (valid) => Buffer.concat([ORDER, valid.slice(32)]) },
    "QuotingEnclaveSignature",
  ],
  "of a TDX module of another signer": [{ form: "td10-v4", body: { 64: byte(1) } }, "TdxModuleUnknown"],
  "of a TDX module with other attributes": [{ form: "td10-v4", body: { 112: byte(1) } }, "TdxModuleUnknown"],
  "of a TDX module that is not listed": [{ form: "td10-v4", body: { 1: byte(9) } }, "TdxModuleUnknown"],
  "of an old TDX module": [{ form: "td10-v4", body: { 0: byte(3) } }, "TcbStatusRefused"],
  "of an old TDX loader": [{ form: "td10-v4", body: { 2: byte(6) } }, "TcbStatusRefused"],
  "of a module of version 0 that is not Intel's": [
    { form: "td10-v4", body: { 1: byte(0), 64: byte(1) } },
    "TdxModuleUnknown",
  ],
};

const plain = quote({ form: "td15-v5", chain: CHAIN });
const patched = (offset: number, value: number) =>
  Buffer.concat([plain.subarray(0, offset), byte(value), plain.subarray(offset + 1)]);
const frame = 54 + 648 + 4 + 128;
const misfits: Record<string, readonly [quote: Buffer, error: string]> = {
  "that is empty": [Buffer.alloc(0), "QuoteLength"],
  "that ends in the header": [plain.subarray(0, 53), "QuoteLength"],
  "that ends in the body": [plain.subarray(0, 300), "QuoteLength"],
  "that ends in the chain": [plain.subarray(0, -1), "QuoteLength"],
  "that goes on": [Buffer.concat([plain, byte(1)]), "QuotePadding"],
  "that goes on after zeros": [Buffer.concat([plain, Buffer.alloc(40), byte(1)]), "QuotePadding"],
  "that is too long": [Buffer.concat([plain, Buffer.alloc(16_384 - plain.length + 1)]), "QuoteTooLong"],
  "with another kind of body": [patched(48, 4), "QuoteBody"],
  "with another length of the body": [patched(50, 0x89), "QuoteBody"],
  "with the length of TD 1.0 for a TD 1.5": [patched(48, 2), "QuoteBody"],
  "with a huge length of the rest": [patched(54 + 648 + 3, 0xff), "QuoteLength"],
  "with another frame around the report": [patched(frame, 5), "QuoteCertificationData"],
  "with a shorter frame around the report": [patched(frame + 2, (plain[frame + 2] ?? 0) - 1), "QuoteLength"],
  "with other certification data": [patched(frame + 6 + 384 + 64 + 2 + 32, 1), "QuoteCertificationData"],
  "with auth data beyond the end": [patched(frame + 6 + 384 + 64 + 1, 0xff), "QuoteLength"],
};

/** What is wrong with each, and how it is refused. */
export const WRONG_QUOTES: readonly (readonly [what: string, quote: Buffer, error: string])[] = [
  ...Object.entries(specs).map(([what, [spec, error]]) => [what, quote({ ...spec, chain: CHAIN }), error] as const),
  ...Object.entries(misfits).map(([what, [wrong, error]]) => [what, wrong, error] as const),
];
