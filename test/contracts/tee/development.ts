/** The development platform of these tests, with keys and quotes that a test may ask for by name. */
import { id } from "ethers";

import * as authority from "../../../workers/tee/development/authority.ts";
import * as collateral from "../../../workers/tee/development/collateral.ts";
import * as platform from "../../../workers/tee/development/platform.ts";
import * as quotes from "../../../workers/tee/development/quote.ts";

export const ROOT_SECRET: authority.RootSecret = `0x${id("secret of the tests").slice(2)}`;
export const SIGNED_BY = platform.signersOf(ROOT_SECRET);

export const signerOf = (name: string) => authority.signerOf(ROOT_SECRET, name);
export const specsOf = (validity: platform.Validity) => platform.specsOf(SIGNED_BY, validity);
export const signedCollateral = (
  content: Parameters<typeof collateral.signedCollateral>[0],
  signer = SIGNED_BY.collateralSigner,
) => collateral.signedCollateral(content, signer);

export type QuoteSpec = Omit<quotes.QuoteSpec, "pck" | "attestation"> &
  Partial<Pick<quotes.QuoteSpec, "pck" | "attestation">>;

/** Signed by the platform's keys, except where a test says otherwise. */
export const quote = (spec: QuoteSpec) =>
  quotes.quote({ pck: SIGNED_BY.pck, attestation: SIGNED_BY.attestation, ...spec });
