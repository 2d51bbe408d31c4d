import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Command } from "commander";

import { lower, type LoweredCircuit } from "../../../circuits/compiler/index.ts";
import { encodeProof, encodeVerificationKey } from "../../../circuits/format/groth16.ts";
import { drawSalt } from "../../../circuits/format/commitment.ts";
import { ALL_PUBLIC, hasSalt, packInput, packOutput } from "../../../circuits/format/visibility.ts";
import { createProver, makeDeveloperKeys } from "../../../circuits/toolchain/index.ts";
import { readBuild, readKeys, writeKeys, type Build, type BuildKeys } from "../../publish/build-directory.ts";
import { chainSignals, versionKey } from "../../publish/version-key.ts";
import { readInputs, toIntegers, type InputOptions } from "../inputs.ts";
import { toWord } from "../numbers.ts";
import { createOutput, toJson, type Output } from "../output.ts";

interface Options extends InputOptions {
  readonly binding: bigint;
  readonly out?: string;
  readonly salt?: bigint;
  readonly json: boolean;
}

export function proveCommand(): Command {
  return new Command("prove")
    .description("prove one run of a compiled model (makes single-party dev keys the first time)")
    .argument("<build>", "directory written by assay compile --out")
    .option("--input <file>", "JSON array of the input's values")
    .option("--text <text>", "text for the model's input adapter")
    .option("--binding <integer>", "first public signal, below 2^248: what the proof is bound to", toWord, 0n)
    .option("--salt <integer>", "salt of commitments, below 2^248 (default: a fresh one)", toWord)
    .option("--out <file>", "where the proof goes (default: proof.json in the build directory)")
    .action(async (directory: string, options: Options) => {
      const output = createOutput(options.json);
      const build = await readBuild(directory);
      const circuit = lower(build.graph);
      const values = await readInputs(options, build.inputs, build.inputAdapter);
      const inputs = build.inputs.map((spec, index) => toIntegers(values[index] ?? [], spec));
      const { visibility = ALL_PUBLIC } = build.graph;
      const salt = hasSalt(visibility) ? (options.salt ?? drawSalt()) : undefined;
      const { witness, outputs } = circuit.witness(inputs, options.binding, salt);
      const keys = (await readKeys(directory)) ?? (await makeKeys(build, circuit, output));

      output.progress("proving");
      const prover = createProver(keys.zkey);
      try {
        const started = performance.now();
        const { proof, publicSignals } = await prover.prove(witness);
        const milliseconds = Math.round(performance.now() - started);
        const path = options.out ?? join(directory, "proof.json");
        const result = {
          binding: options.binding,
          input: packInput(visibility, build.inputs, inputs, salt),
          output: packOutput(visibility, build.outputs, outputs, salt),
          publicSignals: chainSignals(build.graph, publicSignals),
          proof: encodeProof(proof),
        };
        await writeFile(path, `${toJson(result)}\n`);
        output.result(
          { ok: true, path, milliseconds, ...result, ...(salt !== undefined && { salt, outputs }), diagnostics: [] },
          [
            `output ${outputs.map((tensor) => tensor.join(" ")).join(" | ")}`,
            ...(salt === undefined ? [] : [`salt ${salt}: keep it secret, it opens the commitments`]),
            `proved in ${String(milliseconds)} ms, written to ${path}`,
          ].join("\n"),
        );
      } finally {
        await prover.close();
      }
    });
}

async function makeKeys(build: Build, circuit: LoweredCircuit, output: Output): Promise<BuildKeys> {
  output.progress("making dev keys: one party knows their secret, so they are fit for test chains only");
  const { zkey, verificationKey } = await makeDeveloperKeys(circuit.system);
  const keys = { zkey, verificationKey: encodeVerificationKey(versionKey(build.graph, verificationKey)) };
  await writeKeys(build.directory, keys);
  return keys;
}
