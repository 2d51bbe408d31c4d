import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { COMMITMENT_BYTES, fromBytes, toBytes } from "../../../circuits/format/commitment.ts";
import { assertPreimage, type Preimage } from "../../../circuits/format/opening.ts";
import { concatBytes } from "../../../circuits/format/tensor.ts";
import { keepFile } from "../../store/keep-file.ts";
import { WorkerError } from "../worker-error.ts";

/** What commitments of jobs stand for: inputs that requesters handed to this worker, outputs that it computed. */
export interface PrivateInputs {
  /** Null if nobody brought it. */
  find(commitment: Uint8Array): Promise<Preimage | null>;
  /** Durable when it returns. Throws `COMMITMENT_MISMATCH`, `SALT_RANGE`, or `INPUTS_FULL` (retryable). */
  keep(commitment: Uint8Array, preimage: Preimage): Promise<void>;
  /** The packed tensors that an output's commitment stands for; null if this worker did not compute them. */
  findOutput(commitment: Uint8Array): Promise<Uint8Array | null>;
  keepOutput(commitment: Uint8Array, packed: Uint8Array): Promise<void>;
}

export interface PrivateInputsOptions {
  readonly directory: string;
  /** Of all files together. Default 1 GiB: anybody may bring preimages, so what they fill is bounded. */
  readonly mostBytes?: number;
  /** Files older than this are deleted when room is needed. Default 7 days: longer than a job stays open. */
  readonly keepSeconds?: number;
}

/**
 * Files named by commitment: salt and packed tensors of an input, packed tensors of an output. They hold what requesters
 * want hidden: the directory is for this user alone.
 */
export function createPrivateInputs({
  directory,
  mostBytes = 2 ** 30,
  keepSeconds = 7 * 86_400,
}: PrivateInputsOptions): PrivateInputs {
  const pathOf = (commitment: Uint8Array, kind: "input" | "output" = "input"): string =>
    join(directory, `${kind}-${Buffer.from(commitment).toString("hex")}`);

  const makeRoom = async (bytes: number): Promise<void> => {
    const files = await Promise.all(
      (await readdir(directory)).map(async (name) => {
        const path = join(directory, name);
        // Another one may be renamed or removed meanwhile.
        const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: Date.now() }));
        return { path, size, isOld: Date.now() - mtimeMs > keepSeconds * 1000 };
      }),
    );
    const used = files.reduce((sum, { size }) => sum + size, 0);
    if (used + bytes <= mostBytes) return;
    const old = files.filter(({ isOld }) => isOld);
    for (const { path } of old) await rm(path, { force: true });
    if (used - old.reduce((sum, { size }) => sum + size, 0) + bytes > mostBytes)
      throw new WorkerError("INPUTS_FULL", `the worker keeps no more than ${mostBytes} bytes of private inputs`, {
        retryable: true,
        details: { used, mostBytes },
      });
  };

  const keepBytes = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await makeRoom(bytes.length);
    await keepFile(path, bytes, { mode: 0o600 });
  };

  return {
    async find(commitment) {
      const bytes = await readFile(pathOf(commitment)).catch(() => null);
      if (bytes === null) return null;
      const preimage = {
        salt: fromBytes(bytes.subarray(0, COMMITMENT_BYTES)),
        packed: new Uint8Array(bytes.subarray(COMMITMENT_BYTES)),
      };
      assertPreimage(commitment, preimage);
      return preimage;
    },
    async keep(commitment, preimage) {
      assertPreimage(commitment, preimage);
      await keepBytes(pathOf(commitment), concatBytes([toBytes(preimage.salt), preimage.packed]));
    },
    async findOutput(commitment) {
      const bytes = await readFile(pathOf(commitment, "output")).catch(() => null);
      return bytes === null ? null : new Uint8Array(bytes);
    },
    keepOutput: (commitment, packed) => keepBytes(pathOf(commitment, "output"), packed),
  };
}
