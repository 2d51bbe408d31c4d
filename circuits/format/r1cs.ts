/** Wire and coefficient; coefficients are canonical field elements in [0, FIELD_ORDER), never 0, wires ascending. */
export type Terms = readonly (readonly [wire: number, coefficient: bigint])[];

/** <a, w> * <b, w> = <c, w> over the BN254 scalar field. A linear row has empty `a` and `b` and <c, w> = 0. */
export interface Constraint {
  readonly a: Terms;
  readonly b: Terms;
  readonly c: Terms;
}

/**
 * A rank-1 constraint system. Wire 0 is the constant one; wires 1 to `publicCount` are the public signals: first the
 * binding, then the interface words; the rest are private.
 */
export interface ConstraintSystem {
  readonly wireCount: number;
  readonly publicCount: number;
  readonly constraints: readonly Constraint[];
}

/** One canonical field element per wire; `witness[0] = 1`. */
export type Witness = readonly bigint[];
