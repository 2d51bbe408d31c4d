import { hexlify, randomBytes } from "ethers";

import type { RootSecret } from "../../workers/tee/development/authority.ts";

/** The secret behind SIMULATED enclaves, fresh for each run: nothing that one run trusts is worth anything in another. */
export function makeRootSecret(): RootSecret {
  return `0x${hexlify(randomBytes(32)).slice(2)}`;
}
