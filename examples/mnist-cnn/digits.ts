import { PIXELS, type DigitImage } from "../mnist-mlp/images.ts";
import type { Random } from "../training/prng.ts";
import type { LabelledInputs } from "../training/train-classifier.ts";
import { SIDE } from "./network.ts";

export const WHITE = 255;
const FARTHEST = 2;

/** The images as they are, ink from 0 to 1. */
export function plainImages(images: readonly DigitImage[]): LabelledInputs {
  return labelled(images, (pixels) => Float32Array.from(pixels, (pixel) => pixel / WHITE));
}

/** Each image moved by up to two pixels either way, anew each time it is asked for; what leaves the edge is lost. */
export function shiftedImages(images: readonly DigitImage[], random: Random): LabelledInputs {
  const shift = (): number => random.below(2 * FARTHEST + 1) - FARTHEST;
  return labelled(images, (pixels) => shifted(pixels, shift(), shift()));
}

function labelled(images: readonly DigitImage[], view: (pixels: Uint8Array) => Float32Array): LabelledInputs {
  const image = (at: number): DigitImage => images[at] ?? { pixels: new Uint8Array(PIXELS), label: 0 };
  return { count: images.length, input: (at) => view(image(at).pixels), label: (at) => image(at).label };
}

function shifted(pixels: Uint8Array, right: number, down: number): Float32Array {
  const moved = new Float32Array(PIXELS);
  for (let at = 0; at < PIXELS; at++) {
    const x = (at % SIDE) - right;
    const y = Math.floor(at / SIDE) - down;
    if (x >= 0 && x < SIDE && y >= 0 && y < SIDE) moved[at] = (pixels[y * SIDE + x] ?? 0) / WHITE;
  }
  return moved;
}
