import { AbiCoder, getAddress, getBytes, hexlify, isAddress, type ParamType } from "ethers";
import { z } from "zod";

import { problemsIn } from "../../../circuits/format/problems.ts";
import { TCB_STATUSES } from "../../tee/index.ts";
import type { Arguments } from "../contracts.ts";
import { interfaceOf } from "../contracts.ts";
import { SdkError } from "../errors.ts";
import type { Job } from "../job.ts";
import { toPlain } from "../plain.ts";
import type { VersionSpec } from "../version.ts";
import type { EnrolmentEvidence } from "./enrolment-record.ts";
import type { ResultBundle } from "./verify-bundle.ts";

/** Files of another form have another number. */
const FORMAT = 1;

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
const bytes = hex.transform((text) => getBytes(text));
const word = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z
  .string()
  .refine(isAddress, "is not an address")
  .transform((text) => getAddress(text));
const integer = z
  .string()
  .regex(/^\d{1,78}$/)
  .transform((text) => BigInt(text));
const seconds = z.int().nonnegative();
const signed = z.strictObject({ text: bytes, signature: bytes, signerChain: bytes });
const minimum = z.strictObject({
  qeMrSigner: hex,
  sgxSvns: hex,
  tdxSvns: hex,
  pceSvn: z.int(),
  qeProdId: z.int(),
  qeSvn: z.int(),
  until: seconds,
});
const result = {
  assayResult: z.literal(FORMAT),
  job: hex,
  modelId: integer,
  spec: hex,
  output: bytes,
  signature: bytes,
  worker: address,
  enrolment: z.strictObject({
    enclaveKey: address,
    worker: address,
    epoch: integer,
    quote: bytes,
    keySignature: bytes,
    blockNumber: integer,
    blockHash: word,
    blockHeader: hex.nullable(),
    enrolledAt: seconds,
    transactionHash: word,
  }),
};
const collateralFile = z.strictObject({
  tcbInfos: z.array(signed).max(4),
  identities: z.array(signed).max(4),
  lists: z.array(z.strictObject({ issuerChain: bytes, list: bytes })).max(4),
  policy: z.strictObject({
    acceptedStatuses: z.array(z.enum(TCB_STATUSES)),
    listsRequired: z.boolean(),
    minimums: z.strictObject({ sgx: minimum.nullable(), tdx: minimum.nullable() }),
    maxAge: seconds,
  }),
});
const bundleFile = z.discriminatedUnion("kind", [
  z.strictObject({ ...result, kind: z.literal("dcap"), collateral: collateralFile }),
  z.strictObject({ ...result, kind: z.literal("nitro"), maxAge: seconds }),
]);

/** A bundle as JSON text. Job and spec are ABI-encoded: they hash to their ids as they are. */
export function formatBundle({ job, spec, evidence, ...rest }: ResultBundle): string {
  const file = {
    assayResult: FORMAT,
    job: encode(jobType(), job),
    spec: encode(specType(), spec),
    ...rest,
    ...evidence,
  };
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value instanceof Uint8Array ? hexlify(value) : value;
  return `${JSON.stringify(file, plain, 2)}\n`;
}

/** Reads what `formatBundle` wrote. Throws `BUNDLE_INVALID`, listing every problem. Nothing of it is verified. */
export function parseBundle(text: string): ResultBundle {
  const parsed = bundleFile.safeParse(jsonOf(text));
  if (!parsed.success) throw invalid(problemsIn(parsed.error));
  const { job, spec, modelId, output, signature, worker } = parsed.data;
  return {
    // The ABIs that the types are inferred from are those that the data was decoded with.
    job: decode(jobType(), job) as Job,
    modelId,
    spec: decode(specType(), spec) as VersionSpec,
    output,
    signature,
    worker,
    evidence: evidenceOf(parsed.data),
  };
}

function evidenceOf(file: z.infer<typeof bundleFile>): EnrolmentEvidence {
  const { kind, enrolment } = file;
  return kind === "dcap" ? { kind, enrolment, collateral: file.collateral } : { kind, enrolment, maxAge: file.maxAge };
}

function jobType(): ParamType {
  return typeOf("market", "claim", 0);
}

function specType(): ParamType {
  return typeOf("modelRegistry", "addVersion", 1);
}

function typeOf(contract: "market" | "modelRegistry", name: string, position: number): ParamType {
  const type = interfaceOf(contract).getFunction(name)?.inputs[position];
  if (type === undefined) throw new TypeError(`${contract}.${name} has no parameter ${position}`);
  return type;
}

function encode(type: ParamType, value: Arguments<"market", "claim">[0] | VersionSpec): string {
  return AbiCoder.defaultAbiCoder().encode([type], [value]);
}

function decode(type: ParamType, encoded: string): unknown {
  try {
    return toPlain(type, AbiCoder.defaultAbiCoder().decode([type], encoded)[0]);
  } catch {
    throw invalid([`${type.name}: does not decode`]);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(["it is not JSON"]);
  }
}

function invalid(problems: readonly string[]): SdkError {
  return new SdkError("BUNDLE_INVALID", `the bundle is not valid:\n${problems.join("\n")}`, { details: { problems } });
}
