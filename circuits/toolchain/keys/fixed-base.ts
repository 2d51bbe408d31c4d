import type { WasmCurve, WasmGroup, WasmMemory } from "ffjavascript";

import { ELEMENT_BYTES, encodeElements } from "../field.ts";

/** Scalars that one pass through the wasm memory takes: in G2 a pass holds about 0.5 KB for each. */
const BATCH = 1 << 14;
const WINDOW = 256;
const WASM_PAGE = 65536;

/**
 * Multiples of a generator, the scalar cut into bytes: table[w][d] = d 256^w G in affine form, so that a product is at
 * most 32 mixed additions, all inside the wasm memory. Points are affine, little-endian Montgomery, as .zkey files hold
 * them: 64 bytes each for G1, 128 for G2. A zero scalar gives the point at infinity, all zeros.
 */
export class FixedBase {
  readonly #memory: WasmMemory;
  readonly #arithmetic: GroupArithmetic;
  readonly #affineBytes: number;
  readonly #jacobianBytes: number;
  readonly #table: number;

  constructor(curve: WasmCurve, group: "G1" | "G2") {
    this.#memory = curve.tm;
    this.#arithmetic = arithmeticOf(curve.tm, group === "G1" ? "g1m" : "g2m");
    this.#affineBytes = curve[group].F.n8 * 2;
    this.#jacobianBytes = curve[group].F.n8 * 3;
    this.#table = this.#buildTable(curve[group]);
  }

  multiply(scalars: readonly bigint[], onBatch: (points: number) => void): Uint8Array {
    const points = new Uint8Array(scalars.length * this.#affineBytes);
    for (let start = 0; start < scalars.length; start += BATCH) {
      const batch = scalars.slice(start, start + BATCH);
      points.set(this.#multiplyBatch(encodeElements(batch)), start * this.#affineBytes);
      onBatch(batch.length);
    }
    return points;
  }

  #multiplyBatch(scalars: Uint8Array): Uint8Array {
    const { addMixed, zero } = this.#arithmetic;
    const count = scalars.length / ELEMENT_BYTES;
    const free = this.#memory.u32[0] ?? 0;
    const sums = allocate(this.#memory, count * this.#jacobianBytes);
    for (let index = 0; index < count; index++) {
      const sum = sums + index * this.#jacobianBytes;
      zero(sum);
      for (let window = 0; window < ELEMENT_BYTES; window++) {
        const digit = scalars[index * ELEMENT_BYTES + window] ?? 0;
        if (digit !== 0) addMixed(sum, this.#table + (window * WINDOW + digit) * this.#affineBytes, sum);
      }
    }
    const affine = allocate(this.#memory, count * this.#affineBytes);
    this.#toAffine(sums, count, affine);
    const points = this.#memory.u8.slice(affine, affine + count * this.#affineBytes);
    this.#memory.u32[0] = free;
    return points;
  }

  /** Entry 0 of every window is the point at infinity, which the mixed addition may not meet, and is never added. */
  #buildTable(group: WasmGroup): number {
    const { add, zero } = this.#arithmetic;
    const entries = ELEMENT_BYTES * WINDOW;
    const table = allocate(this.#memory, entries * this.#affineBytes);
    const free = this.#memory.u32[0] ?? 0;
    const base = allocate(this.#memory, this.#jacobianBytes);
    const multiples = allocate(this.#memory, entries * this.#jacobianBytes);
    this.#memory.u8.set(group.g, base);
    for (let window = 0; window < ELEMENT_BYTES; window++) {
      const row = multiples + window * WINDOW * this.#jacobianBytes;
      zero(row);
      for (let digit = 1; digit < WINDOW; digit++)
        add(row + (digit - 1) * this.#jacobianBytes, base, row + digit * this.#jacobianBytes);
      add(row + (WINDOW - 1) * this.#jacobianBytes, base, base);
    }
    this.#toAffine(multiples, entries, table);
    this.#memory.u32[0] = free;
    return table;
  }

  #toAffine(jacobian: number, count: number, affine: number): void {
    reserve(this.#memory, count * this.#jacobianBytes);
    this.#arithmetic.batchToAffine(jacobian, count, affine);
  }
}

type Operation = (...pointers: number[]) => number;

interface GroupArithmetic {
  readonly add: Operation;
  readonly addMixed: Operation;
  readonly zero: Operation;
  readonly batchToAffine: Operation;
}

function arithmeticOf(memory: WasmMemory, prefix: string): GroupArithmetic {
  const operation = (name: string): Operation => {
    const found = memory.instance.exports[`${prefix}_${name}`];
    if (found === undefined) throw new Error(`ffjavascript has no ${prefix}_${name}`);
    return found;
  };
  return {
    add: operation("add"),
    addMixed: operation("addMixed"),
    zero: operation("zero"),
    batchToAffine: operation("batchToAffine"),
  };
}

function allocate(memory: WasmMemory, bytes: number): number {
  reserve(memory, bytes);
  return memory.alloc(bytes);
}

/** The wasm code takes scratch space after the last allocation without asking for more memory: it must be there. */
function reserve(memory: WasmMemory, bytes: number): void {
  const missing = (memory.u32[0] ?? 0) + bytes + WASM_PAGE - memory.memory.buffer.byteLength;
  if (missing <= 0) return;
  memory.memory.grow(Math.ceil(missing / WASM_PAGE));
  memory.u8 = new Uint8Array(memory.memory.buffer);
  memory.u32 = new Uint32Array(memory.memory.buffer);
}
