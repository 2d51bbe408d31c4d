import { once } from "node:events";

import { Command } from "commander";

import { formatReport } from "../../../circuits/compiler/index.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { readModelSource } from "../../publish/model-config.ts";
import { prepareVersion } from "../../publish/prepare-version.ts";
import { readReference } from "../../publish/read-reference.ts";
import { publicationOf } from "../../publish/publication.ts";
import { getCurrency, LEVELS, publishModel, type Level } from "../../sdk/index.ts";
import { LocalStore, serveStore } from "../../store/index.ts";
import { connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { toCoins, toCount, unitsOf } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { type VisibilityOptions, withVisibility, withVisibilityOptions } from "../visibility-options.ts";

interface Options extends ChainOptions, VisibilityOptions {
  readonly ownerStore: string;
  readonly retrainOf?: string;
  readonly config?: string;
  readonly levels: string;
  readonly store: string;
  readonly port: number;
  readonly uri?: string;
  readonly model?: number;
  readonly royalty: string;
  readonly allowDevKeys: boolean;
  readonly json: boolean;
}

class PublishError extends AssayError {
  declare readonly code: "LEVEL_UNKNOWN" | "DEV_KEYS_REFUSED";
}

/** Chains whose coins are worth nothing; dev keys are fit for these only. */
const TEST_CHAINS: readonly number[] = [31337, 1337, 11155111, 17000, 560048, 84532, 421614, 11155420, 80002];

export function publishCommand(): Command {
  return withVisibilityOptions(withChainOptions(new Command("publish")))
    .description("compile a model, make dev keys, store its files, and register it with a sample proof")
    .argument("<model.onnx>", "the model, or a folder with a model.onnx; an assay.json beside it is read too")
    .option("--config <file>", "element types, samples and adapters (default: assay.json beside the model)")
    .option("--levels <list>", "levels that the version allows", "vanilla,tee,zkml")
    .option("--store <directory>", "local artifact store", ".assay/artifacts")
    .option("--owner-store <directory>", "where files of owner-held versions go; never served", ".assay/owner")
    .option(
      "--retrain-of <manifest>",
      "content id of a version with committed weights, whose proving key serves this too",
    )
    .option("--port <number>", "serve the store over HTTP here until Ctrl-C", toCount, 8790)
    .option("--uri <base>", "where files are found instead, if the store is served by something else")
    .option("--model <id>", "add a version to this model (default: register a new one)", toCount)
    .option("--royalty <coins>", "what you get for each job, in whole coins", toCoins, "0")
    .option("--allow-dev-keys", "publish single-party keys even on a chain that is not a test chain", false)
    .addHelpText("after", "\nThe owner's key is read from ASSAY_PRIVATE_KEY.")
    .action(async (path: string, options: Options) => {
      const output = createOutput(options.json);
      const levels = parseLevels(options.levels);
      const client = await connectWithKey(options);
      const store = new LocalStore(options.store);
      const royalty = unitsOf(options.royalty, await getCurrency(client));
      // A port in use must be known before minutes of work.
      const server = options.uri === undefined ? await serveStore({ store, port: options.port }) : undefined;
      try {
        if (levels.includes("Zkml")) refuseDevKeys(client.deployment.chainId, options.allowDevKeys);
        const source = withVisibility(await readModelSource(path, options.config), options);
        const ownerStore = new LocalStore(options.ownerStore);
        const prepared = await prepareVersion(source, {
          onProgress: (_, message) => output.progress(message),
          ...(options.retrainOf !== undefined && {
            retrainOf: await readReference(options.retrainOf, store, ownerStore),
          }),
        });
        const uri = options.uri ?? server?.url ?? "";
        output.progress("registering");
        const published = await publishModel(client, {
          ...publicationOf(prepared, levels),
          store,
          ownerStore,
          uri,
          royalty,
          ...(options.model !== undefined && { modelId: BigInt(options.model) }),
        });
        const { report } = prepared.compilation;
        output.result(
          { ok: true, ...published, uri, report, diagnostics: [] },
          `${formatReport(report)}\n\nmodel ${String(published.modelId)}\nversion ${published.versionId}\nfiles at ${uri}`,
        );
        if (server === undefined) return;
        output.progress("serving its files until Ctrl-C");
        await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
      } finally {
        await server?.close();
        client.provider.destroy();
      }
    });
}

function parseLevels(list: string): Level[] {
  return list.split(",").map((name) => {
    const level = LEVELS.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (level === undefined)
      throw new PublishError("LEVEL_UNKNOWN", `${name} is no level: choose among ${LEVELS.join(", ").toLowerCase()}`);
    return level;
  });
}

function refuseDevKeys(chainId: number, allowed: boolean): void {
  if (allowed || TEST_CHAINS.includes(chainId)) return;
  throw new PublishError(
    "DEV_KEYS_REFUSED",
    `chain ${String(chainId)} is not a known test chain, and whoever makes single-party dev keys can forge proofs; ` +
      "leave zkml out of --levels, or force it with --allow-dev-keys",
    { details: { chainId } },
  );
}
