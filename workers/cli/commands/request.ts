import { Command, Option } from "commander";

import { decodeOutput, parseOutputAdapter } from "../../../circuits/format/adapter.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { visibilityOf } from "../../../circuits/format/manifest.ts";
import {
  commitInput,
  fetchOutput,
  getCurrency,
  getVersion,
  LEVELS,
  request,
  sendPreimage,
  waitForResult,
  type Level,
} from "../../sdk/index.ts";
import { connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { readInputs, toIntegers, type InputOptions } from "../inputs.ts";
import { coinsOf, toCoins, toCount, toWord, unitsOf } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { fetchAdapters } from "../version-adapters.ts";

interface Options extends InputOptions, ChainOptions {
  readonly level: string;
  readonly maxFee: string;
  readonly copies: number;
  readonly timeout: number;
  readonly within: number;
  readonly final: boolean;
  readonly private: boolean;
  readonly to?: string;
  readonly salt?: bigint;
  readonly json: boolean;
}

class RequestError extends AssayError {
  declare readonly code: "PRIVATE_INPUT";
}

const SECOND = 1000;

export function requestCommand(): Command {
  return withChainOptions(new Command("request"))
    .description("ask for one inference and wait for its answer")
    .argument("<versionId>", "the version to ask; assay publish prints it")
    .option("--input <file>", "JSON array of the input's values")
    .option("--text <text>", "text for the model's input adapter")
    .addOption(new Option("--level <level>", "how the answer is checked").choices(LEVELS.map(lower)).default("vanilla"))
    .option("--max-fee <coins>", "highest fee in whole coins", toCoins, "0.01")
    .option(
      "--copies <number>",
      "workers that answer, of whom most must agree; more than 1 at vanilla only",
      toCount,
      1,
    )
    .option(
      "--within <seconds>",
      "when somebody must have answered: the fee rises to its highest until then",
      toCount,
      600,
    )
    .option("--private", "commit to the input under a fresh salt; only the worker of --to sees it", false)
    .option("--to <url>", "where that worker takes private inputs")
    .option("--salt <integer>", "the salt, below 2^248 (default: a fresh one)", toWord)
    .option("--final", "wait until the answer is final", false)
    .option("--timeout <seconds>", "how long to wait", toCount, 120)
    .addHelpText("after", "\nThe paying key is read from ASSAY_PRIVATE_KEY.")
    .action(async (versionId: string, options: Options) => {
      const output = createOutput(options.json);
      const client = await connectWithKey(options);
      try {
        const currency = await getCurrency(client);
        const version = await getVersion(client, { versionId });
        const adapters = await fetchAdapters(version);
        const values = await readInputs(options, adapters.manifest.inputs, adapters.input);
        const input = adapters.manifest.inputs.map((spec, index) => toIntegers(values[index] ?? [], spec));
        const { manifest } = adapters;
        const committed = commitInput(manifest, input, options.salt);
        const { preimage } = committed;
        const to = recipientOf(options, preimage !== null);
        // Before anything is paid: a job without its preimage waits for it until the deadline.
        if (to !== null) await sendPreimage(to, manifest, committed);
        const { jobId } = await request(client, {
          versionId,
          level: levelNamed(options.level),
          input: committed.input,
          maxFee: unitsOf(options.maxFee, currency),
          copies: BigInt(options.copies),
          timeToLive: BigInt(options.within),
        });
        output.progress(`job ${jobId}`);
        const result = await waitForResult(client, {
          jobId,
          finality: options.final ? "final" : "executed",
          timeout: options.timeout * SECOND,
        });
        const { isFinal, workerIds, fee } = result;
        const hidesOutput = visibilityOf(manifest).output === "committed";
        const outputs =
          to !== null && preimage !== null && hidesOutput
            ? await fetchOutput(to, manifest, { commitment: result.packedOutput, salt: preimage.salt })
            : result.outputs;
        const salt = preimage === null ? null : preimage.salt;
        const text = adapters.output && decodeOutput(parseAdapter(adapters.output), outputs[0] ?? []);
        output.result(
          { ok: true, jobId, outputs, text, isFinal, workerIds, fee: fee ?? null, salt, diagnostics: [] },
          [
            text ?? outputs.map((tensor) => tensor.join(" ")).join(" | "),
            `${options.level}, ${isFinal ? "final" : "not final yet"}, by ${workerIds.length === 1 ? "worker" : "workers"} ${workerIds.join(", ")}${fee === undefined ? "" : `, fee ${coinsOf(fee, currency)}`}`,
            ...(salt === null ? [] : [`salt ${salt}: keep it secret, it opens the commitments`]),
          ].join("\n"),
        );
      } finally {
        client.provider.destroy();
      }
    });
}

/** Where the preimage goes: it leaves this machine only if both options say so. */
function recipientOf({ private: isPrivate, to }: Options, hasPreimage: boolean): string | null {
  if (isPrivate !== hasPreimage)
    throw new RequestError(
      "PRIVATE_INPUT",
      hasPreimage
        ? "this version takes a commitment: give --private --to <url of the worker that shall see the input>"
        : "this version's input is public: it would be on chain for everybody to read",
    );
  if (isPrivate && to === undefined)
    throw new RequestError("PRIVATE_INPUT", "--private needs --to <url of the worker that shall see the input>");
  return isPrivate ? (to ?? null) : null;
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
