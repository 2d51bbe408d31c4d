import { hexToBytes } from "@noble/hashes/utils.js";

import { isEqual } from "../bytes.ts";

/** The key of a root certificate: both coordinates, 64 bytes. */
export type RootKey = Uint8Array;

/** The key of the Intel SGX Root CA. */
export const INTEL_ROOT: RootKey = hexToBytes(
  "0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
);

/** Under any other root nothing shows that there is hardware. */
export function isSimulatedRoot(root: RootKey): boolean {
  return !isEqual(root, INTEL_ROOT);
}
