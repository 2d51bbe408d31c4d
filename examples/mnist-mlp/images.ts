import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A handwritten digit: 28 by 28 pixels, row-major, 0 is paper and 255 is ink. */
export interface DigitImage {
  readonly pixels: Uint8Array;
  /** 0 to 9. */
  readonly label: number;
}

export const PIXELS = 28 * 28;

/** How many of the 10,000 images, in file order, belong to the training split. */
const TRAINING_IMAGES = 8000;
const IMAGE_HEADER = 16;
const LABEL_HEADER = 8;

/** Reads all 10,000 images, or one split: the first 8,000 to train on, the last 2,000 to test on. */
export function readImages(split?: "train" | "test"): DigitImage[] {
  const pixels = unzip("t10k-images-idx3-ubyte.gz").subarray(IMAGE_HEADER);
  const labels = unzip("t10k-labels-idx1-ubyte.gz").subarray(LABEL_HEADER);
  const images = Array.from(labels, (label, at) => ({
    pixels: pixels.subarray(at * PIXELS, (at + 1) * PIXELS),
    label,
  }));
  if (split === undefined) return images;
  return split === "train" ? images.slice(0, TRAINING_IMAGES) : images.slice(TRAINING_IMAGES);
}

function unzip(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`data/${name}`, import.meta.url)));
}
