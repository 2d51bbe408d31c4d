import canonicalize from "canonicalize";
import { z } from "zod";

import { AssayError } from "./error.ts";
import { ELEMENT_BITS, ELEMENT_KINDS, type ElementKind } from "./tensor.ts";
import { problemsIn } from "./problems.ts";
import { ALL_PUBLIC, type Visibility, visibilitySchema } from "./visibility.ts";

const file = z.strictObject({ cid: z.string(), bytes: z.int().nonnegative() });
export type FileReference = z.infer<typeof file>;

const tensor = z.strictObject({
  name: z.string(),
  kind: z.enum(ELEMENT_KINDS as [ElementKind, ...ElementKind[]]),
  bits: z.int().refine((bits) => ELEMENT_BITS.includes(bits)),
  decimals: z.int().min(0).max(18),
  shape: z.array(z.int().positive()),
});
export type NamedTensorSpec = z.infer<typeof tensor>;

const circuit = z.strictObject({
  /** The integer graph: input of the reference, of the witness program and of the Circom emitter. */
  graph: file,
  zkey: file,
  verificationKey: file,
  constraints: z.int().positive(),
  wires: z.int().positive(),
  publicSignals: z.int().positive(),
  /** "dev": one party knew the toxic waste; fit for test chains only. */
  keys: z.enum(["dev", "ceremony"]),
});

const manifest = z.strictObject({
  assay: z.literal(1),
  name: z.string().min(1),
  model: file,
  /** What the model takes and gives; on chain a commitment may stand in their place, as `visibility` says. */
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
  /** Left out where everything is public. */
  visibility: visibilitySchema.optional(),
  adapters: z.strictObject({ input: file.nullable(), output: file.nullable() }),
  /** null: the version has no circuit and ONNX Runtime is its executor. */
  circuit: circuit.nullable(),
});
/** What a compiled version consists of, every part named by content. Its digest is among the version's facts. */
export type Manifest = z.infer<typeof manifest>;

export function visibilityOf({ visibility }: Pick<Manifest, "visibility">): Visibility {
  return visibility ?? ALL_PUBLIC;
}

export class ManifestError extends AssayError {
  declare readonly code: "MANIFEST_INVALID";
}

/** Canonical JSON (RFC 8785): the same manifest is the same bytes everywhere. Throws `MANIFEST_INVALID`. */
export function encodeManifest(value: Manifest): Uint8Array {
  const text = canonicalize(parseManifest(value));
  if (text === undefined) throw new ManifestError("MANIFEST_INVALID", "the manifest has no JSON form");
  return new TextEncoder().encode(text);
}

/** Throws `MANIFEST_INVALID`, listing every problem with its path. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ManifestError("MANIFEST_INVALID", "the manifest is not JSON", { cause });
  }
  return parseManifest(json);
}

function parseManifest(json: unknown): Manifest {
  const parsed = manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = problemsIn(parsed.error);
  throw new ManifestError("MANIFEST_INVALID", `the manifest is not valid:\n${problems.join("\n")}`, {
    details: { problems },
  });
}
