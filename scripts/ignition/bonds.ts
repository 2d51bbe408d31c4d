/**
 * Bonds and stakes that cover the gas of whoever must act for them to count. Amounts are in the native coin's smallest
 * unit; where the currency is an ERC-20, what covers the same gas depends on its price, and the parameters of the module
 * must be given.
 */
const GWEI = 10n ** 9n;

/** The gas price, in wei, up to which the default bonds pay for what they are for. */
export const GAS_PRICE_CAP = 2n * GWEI;

/**
 * Half as much again as was measured: for inputs and outputs of more words than the measured ones, and for what rollups
 * charge besides.
 */
const MARGIN = { numerator: 3n, denominator: 2n };

/** Of slashed stake a challenger gets a quarter, and so does a panel. */
const QUARTERS = 4n;

/** Of a bond that is lost on a panel, its members get a half. */
const PANEL_PART_OF_BOND = 2n;

/** Gas of whole transactions. */
export interface DisputeGas {
  /** Demanding evidence. */
  readonly challenge: bigint;
  /** Ending a challenge without evidence, slash included. */
  readonly resolve: bigint;
  /** The costliest evidence: a proof that is checked on chain. */
  readonly defend: bigint;
  /** All that the members of a panel send. */
  readonly verdict: bigint;
}

/** What the snapshot of the tests' gas may grow to before the defaults must follow. */
export const DEFAULT_GAS: DisputeGas = { challenge: 80_000n, resolve: 120_000n, defend: 300_000n, verdict: 760_000n };

/**
 * Covers the gas of a defence, so that nobody can make an honest worker pay for answering; and in its half that of a
 * panel which upholds the answer.
 */
export function challengeBondFor({ defend, verdict }: DisputeGas, gasPriceCap = GAS_PRICE_CAP): bigint {
  return roundUp(withMargin(larger(defend, PANEL_PART_OF_BOND * verdict) * gasPriceCap));
}

/**
 * Of which the challenger's part covers the gas of a dispute that it wins, so that fraud is worth disputing, and the
 * panel's part that of a verdict.
 */
export function jobStakeFor({ challenge, resolve, verdict }: DisputeGas, gasPriceCap = GAS_PRICE_CAP): bigint {
  return roundUp(QUARTERS * withMargin(larger(challenge + resolve, verdict) * gasPriceCap));
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function withMargin(amount: bigint): bigint {
  return (amount * MARGIN.numerator + MARGIN.denominator - 1n) / MARGIN.denominator;
}

/** To two digits, so that a little gas more or less changes no parameter. */
function roundUp(amount: bigint): bigint {
  const unit = 10n ** BigInt(Math.max(amount.toString().length - 2, 0));
  return ((amount + unit - 1n) / unit) * unit;
}
