import { z } from "zod";

import { assertSalt, commit, COMMITMENT_BYTES, CommitmentError, outputSaltOf } from "./commitment.ts";
import type { NamedTensorSpec } from "./manifest.ts";
import { concatBytes, packTensors, type TensorSpec } from "./tensor.ts";

/**
 * Who sees what of a version. "committed": the chain has a commitment of 31 bytes, what it stands for is known to
 * requester and worker. "owner-held": model, graph and proving key are with the owner's workers only. Committed weights
 * are a witness under a root that the verification key contains: model and graph are with the owner's workers, and all
 * versions of one shape share a proving key.
 */
export const visibilitySchema = z.strictObject({
  input: z.enum(["public", "committed"]),
  output: z.enum(["public", "committed"]),
  weights: z.enum(["constant", "owner-held", "committed"]),
});
export type Visibility = z.infer<typeof visibilitySchema>;

/** As people write it: what they leave out is public. */
export const visibilityInput = z.strictObject({
  input: visibilitySchema.shape.input.default("public"),
  output: visibilitySchema.shape.output.default("public"),
  weights: visibilitySchema.shape.weights.default("constant"),
});

export const ALL_PUBLIC: Visibility = Object.freeze({ input: "public", output: "public", weights: "constant" });

/** On chain, a commitment is a tensor of 31 bytes. */
function commitmentTensor(name: string): NamedTensorSpec {
  return { name, kind: "uint", bits: 8, decimals: 0, shape: [COMMITMENT_BYTES] };
}

/** Whether the owner's workers alone get what holds the weights. */
export function hidesWeights({ weights }: Visibility): boolean {
  return weights !== "constant";
}

export function isAllPublic({ input, output, weights }: Visibility): boolean {
  return input === "public" && output === "public" && weights === "constant";
}

/** Whether a request takes a salt: a committed output has one that follows from the input's. */
export function hasSalt({ input, output }: Visibility): boolean {
  return input === "committed" || output === "committed";
}

/**
 * The input tensors that the chain knows. A public input of a committed output is followed by a commitment to nothing
 * but the salt.
 */
export function chainInputs(visibility: Visibility, inputs: readonly NamedTensorSpec[]): readonly NamedTensorSpec[] {
  if (visibility.input === "committed") return [commitmentTensor("input commitment")];
  return hasSalt(visibility) ? [...inputs, commitmentTensor("salt commitment")] : inputs;
}

/** The output tensors that the chain knows. */
export function chainOutputs(visibility: Visibility, outputs: readonly NamedTensorSpec[]): readonly NamedTensorSpec[] {
  return visibility.output === "committed" ? [commitmentTensor("output commitment")] : outputs;
}

/** A job's input as the chain gets it. Throws `SALT_MISSING`, `SALT_RANGE` and what `packTensors` throws. */
export function packInput(
  visibility: Visibility,
  specs: readonly TensorSpec[],
  tensors: readonly (readonly bigint[])[],
  salt?: bigint,
): Uint8Array {
  const packed = packTensors(specs, tensors);
  if (!hasSalt(visibility)) return packed;
  const known = requireSalt(salt);
  return visibility.input === "committed"
    ? commit("input", known, packed)
    : concatBytes([packed, commit("input", known, new Uint8Array())]);
}

/** A job's output as the chain gets it; `salt` is the input's. Throws as `packInput` does. */
export function packOutput(
  visibility: Visibility,
  specs: readonly TensorSpec[],
  tensors: readonly (readonly bigint[])[],
  salt?: bigint,
): Uint8Array {
  return hideOutput(visibility, packTensors(specs, tensors), salt);
}

/** Packed output tensors as the chain gets them; `salt` is the input's. Throws as `packInput` does. */
export function hideOutput(visibility: Visibility, packed: Uint8Array, salt?: bigint): Uint8Array {
  return visibility.output === "committed" ? commit("output", outputSaltOf(requireSalt(salt)), packed) : packed;
}

export function requireSalt(salt: bigint | undefined): bigint {
  if (salt === undefined) throw new CommitmentError("SALT_MISSING", "a committed tensor needs the salt of its input");
  assertSalt(salt);
  return salt;
}
