/** Revocation lists that no verifier may take, with the error of each. */
import { critical, extension, type ListSpec, revocationList } from "../../../workers/tee/development/authority.ts";
import { octets } from "../../../workers/tee/development/der.ts";
import { SIGNED_BY, signerOf } from "./development.ts";
import { DAY, START } from "./fixture.ts";

/** A list of the platforms' authority that does. */
export const plain: ListSpec = {
  issuer: SIGNED_BY.platformCa,
  thisUpdate: START - DAY,
  nextUpdate: START + DAY,
  serials: [1n, 2n, 3n],
};
export const listOf = (change: Partial<ListSpec> = {}) => revocationList({ ...plain, ...change });

const manyExtensions = Array.from({ length: 9 }, () => extension("551d14", octets()));
export const WRONG_LISTS: Record<string, readonly [list: Uint8Array, error: string]> = {
  "that another key signed": [
    listOf({ issuer: { ...signerOf("somebody"), name: SIGNED_BY.platformCa.name } }),
    "ListSignature",
  ],
  "of another issuer": [listOf({ issuer: SIGNED_BY.root }), "IssuerMismatch"],
  "of the future": [listOf({ thisUpdate: START + DAY }), "ListNotCurrent"],
  "that is out of date": [listOf({ nextUpdate: START - 9 }), "ListNotCurrent"],
  "of version 1": [listOf({ version: 0 }), "ListVersion"],
  "that is about some certificates only": [listOf({ extensions: [critical("551d1c", octets())] }), "ExtensionUnknown"],
  "with 9 extensions": [listOf({ extensions: manyExtensions }), "ExtensionsTooMany"],
  "with a serial number that is too long": [listOf({ serials: [2n ** 160n] }), "CertificateSerial"],
  "that is cut off": [listOf().subarray(0, -1), "DerTruncated"],
  "that goes on": [Buffer.concat([listOf(), Buffer.alloc(1)]), "DerTrailingBytes"],
};
