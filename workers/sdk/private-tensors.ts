import { getBytes, hexlify } from "ethers";

import { commitmentIn, openOutput, type CommittedInput } from "../../circuits/format/opening.ts";
import { outputSaltOf, toBytes } from "../../circuits/format/commitment.ts";
import { type Manifest, visibilityOf } from "../../circuits/format/manifest.ts";
import { SdkError } from "./errors.ts";

export { commitInput, openOutput } from "../../circuits/format/opening.ts";

const TIMEOUT_MS = 30_000;

/**
 * Hands the preimage of a committed input to a worker, before or after the request that carries the commitment. The
 * worker at `url` will know the input. Throws `WORKER_REFUSED`, and `WORKER_UNREACHABLE` (retryable).
 *
 * @example
 * const { input, preimage } = commitInput(manifest, [[3n, 1n]]);
 * await sendPreimage(url, manifest, { input, preimage });
 * const { jobId } = await request(client, { versionId, level: "Zkml", input, maxFee });
 */
export async function sendPreimage(
  url: string,
  manifest: Pick<Manifest, "visibility">,
  { input, preimage }: CommittedInput,
): Promise<void> {
  const commitment = commitmentIn(visibilityOf(manifest), input);
  if (commitment === null || preimage === null) return;
  const body = { salt: hexlify(toBytes(preimage.salt)), packed: hexlify(preimage.packed) };
  await call(url, "PUT", `v1/inputs/${hexlify(commitment)}`, body);
}

/**
 * The output tensors that an answer commits to, from the worker that gave it, checked against the commitment.
 * `salt` is the one of the job's input: only what follows from it is shown to the worker. Throws `WORKER_REFUSED`,
 * `COMMITMENT_MISMATCH`, and `WORKER_UNREACHABLE` (retryable).
 */
export async function fetchOutput(
  url: string,
  manifest: Pick<Manifest, "inputs" | "outputs" | "visibility">,
  { commitment, salt }: { readonly commitment: Uint8Array; readonly salt: bigint },
): Promise<bigint[][]> {
  const outputSalt = outputSaltOf(salt);
  const body = { outputSalt: hexlify(toBytes(outputSalt, 32)) };
  const answer = await call(url, "POST", `v1/outputs/${hexlify(commitment)}`, body);
  const packed = /^\{"packed":"(0x(?:[0-9a-f]{2})*)"\}$/.exec(answer)?.[1];
  if (packed === undefined)
    throw new SdkError("WORKER_REFUSED", `${url} gave no output`, { details: { url, answer: answer.slice(0, 200) } });
  return openOutput(manifest, commitment, { outputSalt, packed: getBytes(packed) });
}

async function call(url: string, method: "PUT" | "POST", path: string, body: object): Promise<string> {
  const target = new URL(path, url.endsWith("/") ? url : `${url}/`);
  let response: Response;
  let text: string;
  try {
    response = await fetch(target, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (cause) {
    throw new SdkError("WORKER_UNREACHABLE", `the worker at ${url} does not answer`, {
      retryable: true,
      details: { url },
      cause,
    });
  }
  if (response.ok) return text;
  throw new SdkError("WORKER_REFUSED", `the worker at ${url} refuses with ${response.status}: ${text.slice(0, 200)}`, {
    retryable: response.status >= 500,
    details: { url, status: response.status },
  });
}
