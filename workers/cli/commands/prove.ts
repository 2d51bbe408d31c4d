import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Command, InvalidArgumentError } from "commander";

import { lower, type LoweredCircuit } from "../../../circuits/compiler/index.ts";
import { encodeProof, encodeVerificationKey } from "../../../circuits/format/groth16.ts";
import { WORD_BITS } from "../../../circuits/format/interface-words.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { createProver, makeDeveloperKeys } from "../../../circuits/toolchain/index.ts";
import { readBuild, readKeys, writeKeys, type Build, type BuildKeys } from "../../publish/build-directory.ts";
import { readInputs, toIntegers, type InputOptions } from "../inputs.ts";
import { createOutput, toJson, type Output } from "../output.ts";

interface Options extends InputOptions {
  readonly binding: bigint;
  readonly out?: string;
  readonly json: boolean;
}

export function proveCommand(): Command {
  return new Command("prove")
    .description("prove one run of a compiled model (makes single-party dev keys the first time)")
    .argument("<build>", "directory written by assay compile --out")
    .option("--input <file>", "JSON array of the input's values")
    .option("--text <text>", "text for the model's input adapter")
    .option("--binding <integer>", "first public signal, below 2^248: what the proof is bound to", toBinding, 0n)
    .option("--out <file>", "where the proof goes (default: proof.json in the build directory)")
    .action(async (directory: string, options: Options) => {
      const output = createOutput(options.json);
      const build = await readBuild(directory);
      const circuit = lower(build.graph);
      const values = await readInputs(options, build.inputs, build.inputAdapter);
      const inputs = build.inputs.map((spec, index) => toIntegers(values[index] ?? [], spec));
      const { witness, outputs } = circuit.witness(inputs, options.binding);
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
          input: packTensors(build.inputs, inputs),
          output: packTensors(build.outputs, outputs),
          publicSignals,
          proof: encodeProof(proof),
        };
        await writeFile(path, `${toJson(result)}\n`);
        output.result(
          { ok: true, path, milliseconds, ...result, diagnostics: [] },
          `output ${outputs.map((tensor) => tensor.join(" ")).join(" | ")}\nproved in ${String(milliseconds)} ms, written to ${path}`,
        );
      } finally {
        await prover.close();
      }
    });
}

async function makeKeys(build: Build, circuit: LoweredCircuit, output: Output): Promise<BuildKeys> {
  output.progress("making dev keys: one party knows their secret, so they are fit for test chains only");
  const { zkey, verificationKey } = await makeDeveloperKeys(circuit.system);
  const keys = { zkey, verificationKey: encodeVerificationKey(verificationKey) };
  await writeKeys(build.directory, keys);
  return keys;
}

function toBinding(text: string): bigint {
  if (!/^\d+$/.test(text) || BigInt(text) >= 1n << BigInt(WORD_BITS))
    throw new InvalidArgumentError("a binding is an integer from 0 to 2^248 - 1");
  return BigInt(text);
}
