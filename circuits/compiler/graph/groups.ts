import type { Groups } from "./layer.ts";

/** For each place of the outer and inner dimensions, the positions of the elements along the middle one. */
export function groupsOf({ outer, classes, inner }: Groups): number[][] {
  return Array.from({ length: outer * inner }, (_, output) => {
    const first = Math.floor(output / inner) * classes * inner + (output % inner);
    return Array.from({ length: classes }, (_, position) => first + position * inner);
  });
}

export function groupCount({ outer, inner }: Groups): number {
  return outer * inner;
}

export function groupedSize({ outer, classes, inner }: Groups): number {
  return outer * classes * inner;
}
