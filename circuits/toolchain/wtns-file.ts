import { FIELD_ORDER } from "../format/interface-words.ts";
import type { Witness } from "../format/r1cs.ts";
import { concatBytes } from "../format/tensor.ts";
import { ELEMENT_BYTES, encodeElements } from "./field.ts";
import { u32, writeSections } from "./sections.ts";

/** iden3's binary .wtns (version 2) over the BN254 scalar field: what snarkjs proves from. */
export function writeWtns(witness: Witness): Uint8Array {
  return writeSections("wtns", 2, [
    [1, concatBytes([u32(ELEMENT_BYTES), encodeElements([FIELD_ORDER]), u32(witness.length)])],
    [2, encodeElements(witness)],
  ]);
}
