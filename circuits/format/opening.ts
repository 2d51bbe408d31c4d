import { assertSalt, commit, COMMITMENT_BYTES, CommitmentError, drawSalt } from "./commitment.ts";
import { type Manifest, visibilityOf } from "./manifest.ts";
import { packTensors, unpackTensors } from "./tensor.ts";
import { hasSalt, packInput, type Visibility } from "./visibility.ts";

/** What the commitment in a job's input stands for: what a requester hands to a worker, and to nobody else. */
export interface Preimage {
  /** A 248-bit number. Whoever knows it can test guesses of the input. */
  readonly salt: bigint;
  /** The packed tensors of a committed input; no bytes if the input is public and the salt alone is committed to. */
  readonly packed: Uint8Array;
}

/** A job's input for the chain and, if that is or ends with a commitment, its preimage. */
export interface CommittedInput {
  readonly input: Uint8Array;
  readonly preimage: Preimage | null;
}

/** Tensors as a worker computes with them, and the salt for what it commits to. */
export interface OpenedInput {
  readonly tensors: readonly (readonly bigint[])[];
  readonly salt: bigint | undefined;
}

/** The same with the tensors still packed, for whoever hands them on. */
export interface OpenedBytes {
  readonly packed: Uint8Array;
  readonly salt: bigint | undefined;
}

type Interface = Pick<Manifest, "inputs" | "outputs" | "visibility">;

/** Packs input tensors as a version's chain takes them, under a fresh salt unless one is given. */
export function commitInput(
  manifest: Interface,
  tensors: readonly (readonly bigint[])[],
  salt = drawSalt(),
): CommittedInput {
  const visibility = visibilityOf(manifest);
  const input = packInput(visibility, manifest.inputs, tensors, salt);
  const packed = visibility.input === "committed" ? packTensors(manifest.inputs, tensors) : new Uint8Array();
  return { input, preimage: hasSalt(visibility) ? { salt, packed } : null };
}

/** The commitment that a job's input is or ends with; null if the version has none. */
export function commitmentIn(visibility: Visibility, input: Uint8Array): Uint8Array | null {
  return hasSalt(visibility) ? input.slice(-COMMITMENT_BYTES) : null;
}

/** Throws `SALT_RANGE`, or `COMMITMENT_MISMATCH` unless the preimage is the commitment's. */
export function assertPreimage(commitment: Uint8Array, { salt, packed }: Preimage): void {
  assertSalt(salt);
  requireEqual(commit("input", salt, packed), commitment, "the preimage is of another commitment");
}

/** The tensors of a job's input. Throws as `assertPreimage` and `unpackTensors` do; `SALT_MISSING` without a preimage. */
export function openInput(manifest: Interface, input: Uint8Array, preimage: Preimage | null): OpenedInput {
  const { packed, salt } = openBytes(visibilityOf(manifest), input, preimage);
  return { tensors: unpackTensors(manifest.inputs, packed), salt };
}

/** The packed tensors of a job's input, which may be no tensors at all. Throws as `assertPreimage` does; `SALT_MISSING`. */
export function openBytes(visibility: Visibility, input: Uint8Array, preimage: Preimage | null): OpenedBytes {
  const commitment = commitmentIn(visibility, input);
  if (commitment === null) return { packed: input, salt: undefined };
  if (preimage === null) throw new CommitmentError("SALT_MISSING", "the preimage of the input's commitment is needed");
  assertPreimage(commitment, preimage);
  const packed = visibility.input === "committed" ? preimage.packed : input.slice(0, -COMMITMENT_BYTES);
  return { packed, salt: preimage.salt };
}

/**
 * Output tensors from their packed bytes, checked against the commitment in an answer. `outputSalt` is what
 * `outputSaltOf` makes of the input's salt: it may be shown to whom the output is shown. Throws `COMMITMENT_MISMATCH`.
 */
export function openOutput(
  manifest: Interface,
  commitment: Uint8Array,
  { outputSalt, packed }: { readonly outputSalt: bigint; readonly packed: Uint8Array },
): bigint[][] {
  requireEqual(commit("output", outputSalt, packed), commitment, "the answer commits to another output or salt");
  return unpackTensors(manifest.outputs, packed);
}

function requireEqual(found: Uint8Array, needed: Uint8Array, problem: string): void {
  if (found.length !== needed.length || found.some((byte, index) => byte !== needed[index]))
    throw new CommitmentError("COMMITMENT_MISMATCH", problem);
}
