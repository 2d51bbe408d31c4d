import { InvalidArgumentError } from "commander";

import type { ElementOptions } from "../../circuits/compiler/index.ts";
import { ELEMENT_KINDS } from "../../circuits/format/tensor.ts";

/**
 * One more element type from the command line, such as "uint:8" or "int:16:3": kind, bits, and decimals, which are 0
 * unless given. Whether a tensor can have it is for the compiler to say.
 */
export function addElement(text: string, before: readonly ElementOptions[] = []): readonly ElementOptions[] {
  const [, name, bits, decimals = "0"] = /^([a-z]+):(\d{1,3})(?::(\d{1,3}))?$/u.exec(text) ?? [];
  const kind = ELEMENT_KINDS.find((known) => known === name);
  if (kind === undefined || bits === undefined)
    throw new InvalidArgumentError(`write kind:bits or kind:bits:decimals, the kind being ${ELEMENT_KINDS.join(", ")}`);
  return [...before, { kind, bits: Number(bits), decimals: Number(decimals) }];
}
