/**
 * The process in which one version runs and is proven, so that a model that crashes, hangs or takes all memory ends
 * nothing else. It gets no environment, no key and an empty directory to work in. The first request opens the version;
 * every request is answered once. It ends when the worker hangs up, by a thread of its own when a model never returns.
 */
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";

import { AssayError } from "../../../../circuits/format/error.ts";
import { ContentError } from "../../../../circuits/format/content-id.ts";
import { encodeProof } from "../../../../circuits/format/groth16.ts";
import { decodeManifest } from "../../../../circuits/format/manifest.ts";
import type { Prover } from "../../../../circuits/toolchain/prover.ts";
import { hashContent } from "../../../store/hash-content.ts";
import type { FileOnDisk } from "../version-files.ts";
import type { Engine } from "./engine.ts";
import { endGroup } from "./end-group.ts";
import { type Answer, question, type OpenMessage, type Request, type Result } from "./messages.ts";
import { siblingModule } from "./sibling-module.ts";

let engine: Promise<Engine> | undefined;

process.on("message", (message) => {
  const { id, request } = question.parse(message);
  void perform(request)
    .catch(failure)
    .then((result) => tell({ kind: "answer", id, result }));
});
process.on("disconnect", () => endGroup(process.pid));
new Worker(siblingModule("end-with-parent", import.meta.url)).unref();

function tell(answer: Answer): void {
  process.send?.(answer);
}

async function perform(request: Request): Promise<Result> {
  if (request.kind === "open") {
    engine = open(request);
    await engine;
    return { kind: "opened" };
  }
  if (engine === undefined) throw new Error("a request arrived before the version");
  const opened = await engine;
  if (request.kind === "run") return { kind: "ran", output: await opened.run(request.input) };
  const { proof, publicSignals } = await opened.prove(request);
  return { kind: "proven", proof: encodeProof(proof), publicSignals };
}

/** Only what the version needs is loaded: compiler parts and prover for a circuit, ONNX Runtime for a model. */
async function open({ versionId, manifest: json, program, provingKey, proverThreads }: OpenMessage): Promise<Engine> {
  const manifest = decodeManifest(json);
  const parts = { versionId, manifest, program: await verified(program) };
  if (provingKey === null) return (await import("./onnx-engine.ts")).openOnnxEngine(parts);
  const { openCircuitEngine } = await import("./circuit-engine.ts");
  const openProver = async (): Promise<Pick<Prover, "prove">> => {
    const { createProver } = await import("../../../../circuits/toolchain/snarkjs-prover.ts");
    const threads = proverThreads === null ? {} : { threads: proverThreads };
    const prover = createProver(await verified(provingKey), { ...threads, inGroup: true });
    return {
      prove(witness) {
        const proof = prover.prove(witness);
        // After a crash it is another process.
        if (prover.pid !== undefined) tell({ kind: "prover", pid: prover.pid });
        return proof;
      },
    };
  };
  return openCircuitEngine({ ...parts, openProver });
}

/** A disk may have changed, or lost, what was verified when it came: `CONTENT_MISMATCH`. */
async function verified({ cid, path }: FileOnDisk): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes !== null && hashContent(bytes) === cid)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new ContentError("CONTENT_MISMATCH", `${path} is not ${cid} any more`, { retryable: true });
}

function failure(error: unknown): Result {
  if (error instanceof AssayError)
    return { kind: "failed", code: error.code, message: error.message, retryable: error.retryable };
  return {
    kind: "failed",
    code: "UNEXPECTED",
    message: error instanceof Error ? error.message : String(error),
    retryable: true,
  };
}
