/** Writes samples.npy, on which scales are chosen: every thirteenth image of the training split, as NumPy saves uint8. */
import { writeFileSync } from "node:fs";

import { PIXELS, readImages } from "./images.ts";

const STRIDE = 13;
const ALIGNMENT = 64;
/** Magic, version 1.0 and the length of the header. */
const PREAMBLE = 10;

const images = readImages("train").filter((_, at) => at % STRIDE === 0);
const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${images.length}, ${PIXELS}), }`;
const length = Math.ceil((PREAMBLE + text.length + 1) / ALIGNMENT) * ALIGNMENT - PREAMBLE;
const header = Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1");
const preamble = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, length & 0xff, length >> 8]);
writeFileSync(
  new URL("samples.npy", import.meta.url),
  Buffer.concat([preamble, header, ...images.map(({ pixels }) => pixels)]),
);
