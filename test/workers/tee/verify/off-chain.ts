/** The collateral of the contracts' tests (test/contracts/tee/fixture.ts), held off chain. */
import { revocationList } from "../../../../workers/tee/development/authority.ts";
import { enclaveIdentity, tcbInfo } from "../../../../workers/tee/development/collateral.ts";
import { TeeError } from "../../../../workers/tee/error.ts";
import { Collateral, type SignedText } from "../../../../workers/tee/verify/collateral.ts";
import { type Policy, STRICT_POLICY } from "../../../../workers/tee/verify/policy.ts";
import { INTEL_ROOT, type RootKey } from "../../../../workers/tee/verify/root.ts";
import { verifyQuote } from "../../../../workers/tee/verify/verify-quote.ts";
import { SIGNED_BY, signedCollateral } from "../../../contracts/tee/development.ts";
import { CA_CHAIN, DATES, minimumOf, ROOT_CHAIN, SIGNERS, START } from "../../../contracts/tee/fixture.ts";

export const DEVELOPMENT_ROOT: RootKey = SIGNED_BY.root.point;

export function signedText(
  content: Parameters<typeof signedCollateral>[0],
  signer = SIGNED_BY.collateralSigner,
): SignedText {
  const [text, r, s] = signedCollateral(content, signer);
  return { text, signature: Buffer.concat([r, s]), signerChain: SIGNERS };
}

/** With collateral signed under the development root, and without lists. */
export function collateralOnly(policy: Policy = STRICT_POLICY): Collateral {
  const collateral = new Collateral(DEVELOPMENT_ROOT, policy);
  for (const isTdx of [false, true]) {
    collateral.addTcbInfo(signedText(tcbInfo(isTdx, DATES)), START);
    collateral.addIdentity(signedText(enclaveIdentity(isTdx, DATES)), START);
  }
  return collateral;
}

/** With collateral, and with lists that revoke none of the certificates there. */
export function served(policy: Policy = STRICT_POLICY): Collateral {
  const collateral = collateralOnly(policy);
  const dates = { thisUpdate: DATES.issuedAt, nextUpdate: DATES.nextUpdate };
  const { root, platformCa } = SIGNED_BY;
  collateral.addRevocations(ROOT_CHAIN, revocationList({ ...dates, issuer: root, serials: [] }), START);
  collateral.addRevocations(CA_CHAIN, revocationList({ ...dates, issuer: platformCa, serials: [1n] }), START);
  return collateral;
}

/** Under Intel's root: minimums instead of collateral, and no lists. */
export function underIntel(root: RootKey = INTEL_ROOT): Collateral {
  const minimums = { sgx: minimumOf(false), tdx: minimumOf(true) };
  return new Collateral(root, { ...STRICT_POLICY, listsRequired: false, minimums });
}

/** The code of the error by which a call fails, or "passes", as the contracts' tests tell it. */
export function outcomeOf(call: () => unknown): string {
  try {
    call();
    return "passes";
  } catch (error) {
    if (error instanceof TeeError) return error.code;
    throw error;
  }
}

export const verdict = (quote: Uint8Array, collateral: Collateral, now = START) =>
  outcomeOf(() => verifyQuote(quote, { collateral, now }));
