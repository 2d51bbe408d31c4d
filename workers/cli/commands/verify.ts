import { readFile } from "node:fs/promises";

import { Command } from "commander";
import { z } from "zod";

import { AssayError } from "../../../circuits/format/error.ts";
import { decodeProof, decodeVerificationKey } from "../../../circuits/format/groth16.ts";
import { interfaceWords } from "../../../circuits/format/interface-words.ts";
import { unpackTensors } from "../../../circuits/format/tensor.ts";
import { ALL_PUBLIC, chainOutputs } from "../../../circuits/format/visibility.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import { readBuild, readKeys } from "../../publish/build-directory.ts";
import { createOutput } from "../output.ts";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/);
const proofFile = z.object({ binding: z.string().regex(/^\d+$/), input: hex, output: hex, proof: hex });

class ProofFileError extends AssayError {
  declare readonly code: "PROOF_FILE" | "PROOF_INVALID" | "KEYS_MISSING";
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description("check a proof from assay prove against a build's verification key")
    .argument("<build>", "directory written by assay compile --out")
    .argument("<proof.json>", "file written by assay prove")
    .action(async (directory: string, path: string, options: { readonly json: boolean }) => {
      const output = createOutput(options.json);
      const build = await readBuild(directory);
      const keys = await readKeys(directory);
      if (keys === null)
        throw new ProofFileError("KEYS_MISSING", `${directory} has no verification key; assay prove makes one`);
      const file = await readProofFile(path);
      const input = bytes(file.input);
      const packedOutput = bytes(file.output);
      const signals = [BigInt(file.binding), ...interfaceWords(input, packedOutput)];
      if (!verifyProof(decodeVerificationKey(keys.verificationKey), signals, decodeProof(bytes(file.proof))))
        throw new ProofFileError(
          "PROOF_INVALID",
          "the proof does not show that the model maps this input to this output",
        );
      const outputs = unpackTensors(chainOutputs(build.graph.visibility ?? ALL_PUBLIC, build.outputs), packedOutput);
      output.result(
        { ok: true, outputs, binding: file.binding, diagnostics: [] },
        `valid: ${build.name} maps this input to ${outputs.map((tensor) => tensor.join(" ")).join(" | ")}`,
      );
    });
}

async function readProofFile(path: string): Promise<z.infer<typeof proofFile>> {
  try {
    return proofFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    throw new ProofFileError("PROOF_FILE", `${path} is not a proof written by assay prove`, { cause });
  }
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}
