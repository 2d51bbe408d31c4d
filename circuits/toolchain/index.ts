/** The only place that knows circom and snarkjs: from Circom source to keys and proofs. */
export { compileCircom, type CompiledCircuit, type CompileOptions } from "./circom.ts";
export { ToolchainError, type ToolchainErrorCode } from "./error.ts";
export { type DeveloperKeyOptions, makeDeveloperKeys, type ProvingKeys } from "./keys/developer-keys.ts";
export { type Prover, type ProvenStatement } from "./prover.ts";
export { readR1cs, writeR1cs } from "./r1cs-file.ts";
export { createProver, type ProverOptions } from "./snarkjs-prover.ts";
export { readZkeyHeader, verificationKeyOfZkey, type ZkeyHeader } from "./zkey-file.ts";
