/**
 * A SIMULATED platform of Intel TDX: root, certificates, collateral, revocation lists and quotes, byte for byte of the
 * form that hardware and its maker give them, but signed by keys that follow from a secret which anybody may know. Every
 * line of the verifiers runs on them; they prove no isolation, and the chain marks what enrols by them as simulated.
 */
import { getBytes, hexlify } from "ethers";

import { AssayError } from "../../../circuits/format/error.ts";
import { revocationList, type RootSecret } from "./authority.ts";
import { type Dates, enclaveIdentity, signedCollateral, tcbInfo } from "./collateral.ts";
import { imageBody } from "./image.ts";
import { chainOf, pckChain, signerChain, signersOf, specsOf } from "./platform.ts";
import { quote, reportDataAt } from "./quote.ts";

type Hex = `0x${string}`;

const REPORT_DATA_BYTES = 64;

/** From 2020 to the end of 2049, as Intel's root: longer than any chain here lives. */
const VALIDITY = { notBefore: Date.UTC(2020, 0) / 1000, notAfter: Date.UTC(2049, 11, 31) / 1000 };

/** Arguments of `postTcbInfo` and `postIdentity` behind the signer's chain: exact bytes, r, s. */
export type SignedCollateral = ReturnType<typeof signedCollateral>;

export interface DevelopmentCollateral {
  /** For `CollateralRegistry`: of TDX and of SGX. */
  readonly tcbInfos: readonly SignedCollateral[];
  readonly identities: readonly SignedCollateral[];
  /** For `CertificateStore.enterRevocations`: lists of the root and of the platform CA, both empty. */
  readonly lists: readonly { readonly issuerChain: Uint8Array; readonly list: Uint8Array }[];
}

export interface DevelopmentQuote {
  readonly reportData: Uint8Array;
  /** Name of the image that the simulated TD claims to run. */
  readonly image: string;
}

export interface DevelopmentPlatform {
  /** Public key of the root, as the constructor of `CertificateStore` takes it. */
  readonly root: { readonly x: Hex; readonly y: Hex };
  /** Certificates in PEM, leaf first. */
  readonly chains: {
    readonly pck: Uint8Array;
    readonly collateralSigner: Uint8Array;
    readonly platformCa: Uint8Array;
    readonly root: Uint8Array;
  };
  /** In seconds; the contracts want the chain's time between the two. */
  collateral(dates: Dates): DevelopmentCollateral;
  /** A quote of TDX, version 4. Throws `REPORT_DATA_LENGTH`. */
  quote(asked: DevelopmentQuote): Uint8Array;
}

/** Everything follows from the secret, so that two processes that know it have the same platform. */
export function developmentPlatform(rootSecret: RootSecret): DevelopmentPlatform {
  const signers = signersOf(rootSecret);
  const specs = specsOf(signers, VALIDITY);
  const chains = {
    pck: pckChain(specs),
    collateralSigner: signerChain(specs),
    platformCa: chainOf(specs.platformCa, specs.root),
    root: chainOf(specs.root),
  };
  const { point } = signers.root;
  return {
    root: { x: hexOf(point.slice(0, 32)), y: hexOf(point.slice(32)) },
    chains,
    collateral(dates) {
      const list = { thisUpdate: dates.issuedAt, nextUpdate: dates.nextUpdate, serials: [] };
      const signed = (content: Parameters<typeof signedCollateral>[0]) =>
        signedCollateral(content, signers.collateralSigner);
      return {
        tcbInfos: [true, false].map((isTdx) => signed(tcbInfo(isTdx, dates))),
        identities: [true, false].map((isTdx) => signed(enclaveIdentity(isTdx, dates))),
        lists: [
          { issuerChain: chains.root, list: revocationList({ ...list, issuer: signers.root }) },
          { issuerChain: chains.platformCa, list: revocationList({ ...list, issuer: signers.platformCa }) },
        ],
      };
    },
    quote({ reportData, image }) {
      if (reportData.length !== REPORT_DATA_BYTES)
        throw new AssayError("REPORT_DATA_LENGTH", `report data is 64 bytes, not ${reportData.length}`);
      const body = { ...imageBody(image), [reportDataAt("td10-v4")]: reportData };
      const { pck, attestation } = signers;
      return getBytes(quote({ form: "td10-v4", chain: chains.pck, pck, attestation, body }));
    },
  };
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${hexlify(bytes).slice(2)}`;
}
