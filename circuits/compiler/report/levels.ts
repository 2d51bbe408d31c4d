import { duration, grouped } from "./numbers.ts";
import { MACHINE } from "./proving-cost.ts";

/** Whether each level of trust is open to the model. A Vanilla answer that is challenged needs one of the others. */
export interface Levels {
  readonly vanilla: boolean;
  readonly tee: boolean;
  readonly zkml: boolean;
  /** Why a level is closed; null if all are open. */
  readonly reason: string | null;
}

/** What a proof of the model would take. */
export interface ProofCost {
  readonly constraints: number;
  readonly domain: number;
  readonly proveSeconds: number;
  readonly proveMemoryBytes: number;
  readonly verifyGas: number;
}

/** Beyond it a proof takes minutes and more memory than most machines have: 16 GB. */
const LARGEST_DOMAIN = 2 ** 22;
const MOST_MEMORY = 16e9;
/** What one transaction may take on Ethereum (EIP-7825). */
const MOST_GAS = 2 ** 24;

/** The integer graph itself runs anywhere, so size closes the Zkml level only. */
export function levelsOf(cost: ProofCost): Levels {
  const reasons = [...sizeReasons(cost), ...gasReasons(cost)];
  const reason = reasons.length === 0 ? null : reasons.join("; ");
  return Object.freeze({ vanilla: true, tee: true, zkml: reason === null, reason });
}

function sizeReasons({ constraints, domain, proveSeconds, proveMemoryBytes }: ProofCost): string[] {
  if (domain <= LARGEST_DOMAIN && proveMemoryBytes <= MOST_MEMORY) return [];
  return [
    `${grouped(constraints)} constraints need a domain of 2^${Math.log2(domain)}, and a proof about ` +
      `${(proveMemoryBytes / 1e9).toFixed(0)} GB of memory and ${duration(proveSeconds)} on ${MACHINE}; the limits are ` +
      `2^${Math.log2(LARGEST_DOMAIN)} and ${MOST_MEMORY / 1e9} GB`,
  ];
}

function gasReasons({ verifyGas }: ProofCost): string[] {
  if (verifyGas <= MOST_GAS) return [];
  return [
    `checking a proof on chain takes ${grouped(verifyGas)} gas, and a transaction may take ${grouped(MOST_GAS)}: inputs ` +
      "and outputs have too many public words",
  ];
}

/** Whether a circuit with so many constraints is too big whatever else it holds: no use in building it. */
export function isHopeless(constraints: number): boolean {
  return constraints > LARGEST_DOMAIN;
}

/** The open levels in words. */
export function levelsText({ vanilla, tee, zkml, reason }: Levels): string {
  const open = [vanilla && "Vanilla", tee && "Tee", zkml && "Zkml"].filter((name) => name !== false);
  const names = open.length < 3 ? open.join(" and ") : "Vanilla, Tee and Zkml";
  return reason === null ? names : `${names}; Zkml not, because ${reason}`;
}
