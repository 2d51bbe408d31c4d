import { getAddress, isAddress } from "ethers";
import { z } from "zod";

import { SdkError } from "./errors.ts";
import { problemsIn } from "../../circuits/format/problems.ts";

const address = z
  .string()
  .refine(isAddress, "is not an address")
  .transform((text) => getAddress(text));

const deployment = z.object({
  chainId: z.int().positive(),
  modelRegistry: address,
  workerRegistry: address,
  market: address,
  receiptAnchors: address,
  paymentChannels: address,
  enclaveRegistry: address,
  groth16Verifier: address,
  teeVerifier: address,
  /** The block of the first contract: no log before it matters. */
  fromBlock: z.int().nonnegative(),
});

/** Where the contracts are. Other keys of a deployment file (of examples, say) are ignored. */
export type Deployment = Readonly<z.infer<typeof deployment>>;

/**
 * Reads a deployment from JSON text or an already parsed value. Throws `DEPLOYMENT_INVALID`, listing every problem.
 *
 * @example
 * const deployment = parseDeployment(await (await fetch("/deployment.json")).text());
 */
export function parseDeployment(json: unknown): Deployment {
  const parsed = deployment.safeParse(typeof json === "string" ? parseJson(json) : json);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = problemsIn(parsed.error);
  throw new SdkError("DEPLOYMENT_INVALID", `the deployment is not valid:\n${problems.join("\n")}`, {
    details: { problems },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SdkError("DEPLOYMENT_INVALID", "the deployment is not JSON", { cause });
  }
}
