/** The part of snarkjs 0.7 that is used. Numbers are decimal strings, points projective with a last coordinate of one. */
declare module "snarkjs" {
  type MemoryFile = { readonly type: "mem"; data: Uint8Array };

  export interface SnarkjsProof {
    readonly pi_a: readonly string[];
    readonly pi_b: readonly (readonly string[])[];
    readonly pi_c: readonly string[];
  }

  export interface SnarkjsVerificationKey {
    readonly protocol: "groth16";
    readonly curve: "bn128";
    readonly nPublic: number;
    readonly vk_alpha_1: readonly string[];
    readonly vk_beta_2: readonly (readonly string[])[];
    readonly vk_gamma_2: readonly (readonly string[])[];
    readonly vk_delta_2: readonly (readonly string[])[];
    readonly IC: readonly (readonly string[])[];
  }

  export const groth16: {
    prove(
      zkey: MemoryFile,
      witness: MemoryFile,
      logger?: undefined,
      options?: { singleThread: boolean },
    ): Promise<{ proof: SnarkjsProof; publicSignals: string[] }>;
    verify(key: SnarkjsVerificationKey, publicSignals: readonly string[], proof: SnarkjsProof): Promise<boolean>;
  };

  export const zKey: {
    exportVerificationKey(zkey: MemoryFile): Promise<SnarkjsVerificationKey>;
  };

  export const wtns: {
    /** `witness` gets the bytes of the file. */
    calculate(inputs: Readonly<Record<string, unknown>>, calculator: MemoryFile, witness: MemoryFile): Promise<void>;
    exportJson(witness: MemoryFile): Promise<bigint[]>;
  };

  export const r1cs: {
    info(
      file: MemoryFile,
    ): Promise<{ nVars: number; nOutputs: number; nPubInputs: number; nConstraints: number; prime: bigint }>;
  };
}
