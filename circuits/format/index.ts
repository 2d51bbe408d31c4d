/** What every part shares: browser-safe, and importing nothing of ours. */
export {
  AdapterError,
  decodeOutput,
  encodeInput,
  type InputAdapter,
  type OutputAdapter,
  parseInputAdapter,
  parseOutputAdapter,
} from "./adapter.ts";
export { assertContent, contentId, contentIdOfDigest, digestOf, digestOfContentId } from "./content-id.ts";
export { AssayError } from "./error.ts";
export {
  decodeProof,
  decodeVerificationKey,
  encodeProof,
  encodeVerificationKey,
  type Proof,
  ProofError,
  type VerificationKey,
} from "./groth16.ts";
export { FIELD_ORDER, interfaceWords, WORD_BITS, WORD_BYTES, wordCount } from "./interface-words.ts";
export { commit, CommitmentError, drawSalt, outputSaltOf } from "./commitment.ts";
export {
  decodeManifest,
  encodeManifest,
  type Manifest,
  ManifestError,
  type NamedTensorSpec,
  visibilityOf,
} from "./manifest.ts";
export { commitInput, type CommittedInput, openInput, openOutput, type OpenedInput, type Preimage } from "./opening.ts";
export {
  byteLength,
  elementCount,
  elementRange,
  packTensor,
  packTensors,
  TensorError,
  type TensorSpec,
  unpackTensor,
  unpackTensors,
} from "./tensor.ts";
export { ALL_PUBLIC, chainInputs, chainOutputs, packInput, packOutput, type Visibility } from "./visibility.ts";
export { createVerifier, verifyProof } from "./verify-groth16.ts";
