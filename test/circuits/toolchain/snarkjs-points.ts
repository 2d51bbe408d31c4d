import type { SnarkjsProof, SnarkjsVerificationKey } from "snarkjs";

import type { G1, G2, Proof, VerificationKey } from "../../../circuits/format/groth16.ts";

/** Our points in snarkjs's words: decimal, projective. */
export function snarkjsProof({ a, b, c }: Proof): SnarkjsProof {
  return { pi_a: g1(a), pi_b: g2(b), pi_c: g1(c) };
}

export function snarkjsKey({ alpha, beta, gamma, delta, ic }: VerificationKey): SnarkjsVerificationKey {
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: ic.length - 1,
    vk_alpha_1: g1(alpha),
    vk_beta_2: g2(beta),
    vk_gamma_2: g2(gamma),
    vk_delta_2: g2(delta),
    IC: ic.map(g1),
  };
}

function g1([x, y]: G1): string[] {
  return [String(x), String(y), "1"];
}

function g2([x, y]: G2): string[][] {
  return [x.map(String), y.map(String), ["1", "0"]];
}
