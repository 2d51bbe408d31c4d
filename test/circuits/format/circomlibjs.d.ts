/** The part of circomlibjs 0.1 that tests compare with. */
declare module "circomlibjs" {
  export interface CircomlibPoseidon {
    (inputs: readonly bigint[], capacity?: bigint): Uint8Array;
    readonly F: { toObject(element: Uint8Array): bigint };
  }
  export function buildPoseidon(): Promise<CircomlibPoseidon>;
}
