import { Interface, isHexString } from "ethers";

export interface Callable {
  readonly interface: Interface;
  getAddress(): Promise<string>;
}

interface Provider {
  request(call: { readonly method: string; readonly params: readonly unknown[] }): Promise<unknown>;
}

interface OutcomeOf {
  readonly provider: Provider;
  /** Whose errors may come up. */
  readonly contracts: readonly { readonly interface: Interface }[];
  /** A bound on the gas of the call; who runs out of it, or fails without a typed error, shows up as such. */
  readonly gas: number;
}

/** The name of the typed error by which a call fails, or "passes". */
export async function callOutcome(
  { provider, contracts, gas }: OutcomeOf,
  to: Callable,
  method: string,
  args: readonly unknown[],
): Promise<string> {
  const data = to.interface.encodeFunctionData(method, args);
  const request = { to: await to.getAddress(), data, gas: `0x${gas.toString(16)}` };
  try {
    await provider.request({ method: "eth_call", params: [request, "latest"] });
    return "passes";
  } catch (error) {
    return errorName(contracts, revertData(error));
  }
}

function errorName(contracts: OutcomeOf["contracts"], data: string): string {
  for (const { interface: abi } of contracts) {
    const error = new Interface(abi.fragments).parseError(data);
    if (error !== null) return error.name;
  }
  return `untyped: ${data}`;
}

function revertData(error: unknown): string {
  if (typeof error !== "object" || error === null) throw error;
  const data = "data" in error ? error.data : undefined;
  if (isHexString(data)) return data;
  if (typeof data === "object" && data !== null && "data" in data && isHexString(data.data)) return data.data;
  return error instanceof Error ? error.message : "no data";
}
