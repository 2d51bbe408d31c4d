import { buildBn128 } from "ffjavascript";

/** snarkjs keeps its curve's threads for ever; a test file that calls it ends them, or the run would never end. */
export async function stopSnarkjsThreads(): Promise<void> {
  await (await buildBn128(false)).terminate();
}
