import { EifError } from "./eif-error.ts";

/** Reads a file in the pieces that it comes in: images are hundreds of megabytes. */
export interface ByteSource {
  /** So many bytes as one piece. Throws `EIF_TRUNCATED`. */
  take(count: number): Promise<Uint8Array>;
  /** Hands so many bytes on, piece by piece. Throws `EIF_TRUNCATED`. */
  pass(count: number, sink: (piece: Uint8Array) => void): Promise<void>;
  isAtEnd(): Promise<boolean>;
}

export function byteSource(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ByteSource {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let rest: Uint8Array = new Uint8Array();
  let position = 0;

  /** False when nothing is left. */
  const refill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return false;
      rest = next.value;
    }
    return true;
  };

  const pass = async (count: number, sink: (piece: Uint8Array) => void): Promise<void> => {
    let missing = count;
    while (missing > 0) {
      if (!(await refill()))
        throw new EifError("EIF_TRUNCATED", `the file ends at byte ${position}, ${missing} bytes too early`, {
          had: position,
          needed: position + missing,
        });
      const piece = rest.subarray(0, missing);
      rest = rest.subarray(piece.length);
      position += piece.length;
      missing -= piece.length;
      sink(piece);
    }
  };

  return {
    pass,
    async take(count) {
      const taken = new Uint8Array(count);
      let filled = 0;
      await pass(count, (piece) => {
        taken.set(piece, filled);
        filled += piece.length;
      });
      return taken;
    },
    isAtEnd: async () => !(await refill()),
  };
}
