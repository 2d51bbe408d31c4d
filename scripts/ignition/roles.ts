/** Roles in OpenZeppelin's AccessManager. */
export const ROLE = {
  /** Names the others. */
  administrator: 0n,
  /** Stops new requests and allows them again. */
  pauser: 1n,
  /** Sets the protocol's fee, below a hard cap, and who gets it. */
  feeSetter: 2n,
  /** Says which enclave code counts for versions without measurements of their own. */
  measurer: 3n,
  /** Adds verifiers of quotes. */
  quoteVerifierAdder: 4n,
  /** Says which platforms do: least versions where Intel's lists are absent, statuses, lists, AWS's certificates. */
  platformJudge: 5n,
} as const;

export type NarrowRole = Exclude<keyof typeof ROLE, "administrator">;
