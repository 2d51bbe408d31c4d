/** The part of ffjavascript 0.3 that is used. Pointers are byte offsets into the curve's wasm memory. */
declare module "ffjavascript" {
  export interface WasmMemory {
    readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
    readonly instance: { readonly exports: Readonly<Record<string, (...pointers: number[]) => number>> };
    /** Views of the memory; stale, and to be replaced, after it grows. `u32[0]` points at the free space. */
    u8: Uint8Array;
    u32: Uint32Array;
    alloc(bytes: number): number;
  }

  export interface WasmGroup {
    readonly F: { readonly n8: number };
    /** The generator in Jacobian coordinates, as it lies in the wasm memory. */
    readonly g: Uint8Array;
  }

  export interface WasmCurve {
    readonly tm: WasmMemory;
    readonly G1: WasmGroup;
    readonly G2: WasmGroup;
    terminate(): Promise<void>;
  }

  export function buildBn128(singleThread: boolean): Promise<WasmCurve>;
}
