import { Command, Option } from "commander";
import { formatEther, parseEther } from "ethers";

import { decodeOutput, parseOutputAdapter } from "../../../circuits/format/adapter.ts";
import { getVersion, LEVELS, request, waitForResult, type Level } from "../../sdk/index.ts";
import { connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { readInputs, toIntegers, type InputOptions } from "../inputs.ts";
import { toCount, toWei } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { fetchAdapters } from "../version-adapters.ts";

interface Options extends InputOptions, ChainOptions {
  readonly level: string;
  readonly maxFee: bigint;
  readonly timeout: number;
  readonly within: number;
  readonly final: boolean;
  readonly json: boolean;
}

const SECOND = 1000;

export function requestCommand(): Command {
  return withChainOptions(new Command("request"))
    .description("ask for one inference and wait for its answer")
    .argument("<versionId>", "the version to ask; assay publish prints it")
    .option("--input <file>", "JSON array of the input's values")
    .option("--text <text>", "text for the model's input adapter")
    .addOption(new Option("--level <level>", "how the answer is checked").choices(LEVELS.map(lower)).default("vanilla"))
    .option("--max-fee <coins>", "highest fee in whole coins", toWei, parseEther("0.01"))
    .option(
      "--within <seconds>",
      "when somebody must have answered: the fee rises to its highest until then",
      toCount,
      600,
    )
    .option("--final", "wait until the answer is final", false)
    .option("--timeout <seconds>", "how long to wait", toCount, 120)
    .addHelpText("after", "\nThe paying key is read from ASSAY_PRIVATE_KEY.")
    .action(async (versionId: string, options: Options) => {
      const output = createOutput(options.json);
      const client = await connectWithKey(options);
      try {
        const version = await getVersion(client, { versionId });
        const adapters = await fetchAdapters(version);
        const values = await readInputs(options, adapters.manifest.inputs, adapters.input);
        const input = adapters.manifest.inputs.map((spec, index) => toIntegers(values[index] ?? [], spec));
        const { jobId } = await request(client, {
          versionId,
          level: levelNamed(options.level),
          input,
          maxFee: options.maxFee,
          timeToLive: BigInt(options.within),
        });
        output.progress(`job ${jobId}`);
        const result = await waitForResult(client, {
          jobId,
          finality: options.final ? "final" : "executed",
          timeout: options.timeout * SECOND,
        });
        const { outputs, isFinal, workerId, fee } = result;
        const text = adapters.output && decodeOutput(parseAdapter(adapters.output), outputs[0] ?? []);
        output.result(
          { ok: true, jobId, outputs, text, isFinal, workerId, fee: fee ?? null, diagnostics: [] },
          [
            text ?? outputs.map((tensor) => tensor.join(" ")).join(" | "),
            `${options.level}, ${isFinal ? "final" : "not final yet"}, by worker ${String(workerId)}${fee === undefined ? "" : `, fee ${formatEther(fee)}`}`,
          ].join("\n"),
        );
      } finally {
        client.provider.destroy();
      }
    });
}

function lower(level: Level): string {
  return level.toLowerCase();
}

function levelNamed(name: string): Level {
  return LEVELS.find((level) => lower(level) === name) ?? "Vanilla";
}

function parseAdapter(bytes: Uint8Array) {
  return parseOutputAdapter(JSON.parse(new TextDecoder().decode(bytes)));
}
