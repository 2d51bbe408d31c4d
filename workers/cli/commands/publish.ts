import { once } from "node:events";

import { Command } from "commander";

import { formatReport } from "../../../circuits/compiler/index.ts";
import { contentId } from "../../../circuits/format/content-id.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { readModelSource } from "../../publish/model-config.ts";
import { prepareVersion } from "../../publish/prepare-version.ts";
import { readReference } from "../../publish/read-reference.ts";
import { publicationOf } from "../../publish/publication.ts";
import { getCurrency, LEVELS, publishModel, type Level } from "../../sdk/index.ts";
import { grantAddress, openStore, recipientOf, type SealedFiles, sealFiles } from "../../store/index.ts";
import { connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { toCoins, toCount, unitsOf } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { openPublishStore } from "../publish-store.ts";
import { DEFAULT_STORE, storeOptions } from "../store-options.ts";
import { type VisibilityOptions, withVisibility, withVisibilityOptions } from "../visibility-options.ts";

interface Options extends ChainOptions, VisibilityOptions {
  readonly ownerStore: string;
  readonly recipient: readonly string[];
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
  declare readonly code: "LEVEL_UNKNOWN" | "DEV_KEYS_REFUSED" | "NOTHING_TO_SEAL";
}

/** Chains whose coins are worth nothing; dev keys are fit for these only. */
const TEST_CHAINS: readonly number[] = [31337, 1337, 11155111, 17000, 560048, 84532, 421614, 11155420, 80002];

export function publishCommand(): Command {
  return withVisibilityOptions(withChainOptions(new Command("publish")))
    .description("compile a model, make dev keys, store its files, and register it with a sample proof")
    .argument("<model.onnx>", "the model, or a folder with a model.onnx; an assay.json beside it is read too")
    .option("--config <file>", "element types, samples and adapters (default: assay.json beside the model)")
    .option("--levels <list>", "levels that the version allows", "vanilla,tee,zkml")
    .option("--store <address>", "a directory, ipfs:<directory>, kubo+http://… or s3://…", DEFAULT_STORE)
    .option("--owner-store <address>", "where files of owner-held versions go; never served", ".assay/owner")
    .option("--recipient <key...>", "artifact keys of workers that files of owner-held versions are sealed to", [])
    .option(
      "--retrain-of <manifest>",
      "content id of a version with committed weights, whose proving key serves this too",
    )
    .option("--port <number>", "serve a store of this machine over HTTP here until Ctrl-C", toCount, 8790)
    .option("--uri <base>", "where files are found instead, if the store is served by something else")
    .option("--model <id>", "add a version to this model (default: register a new one)", toCount)
    .option("--royalty <coins>", "what you get for each job, in whole coins", toCoins, "0")
    .option("--allow-dev-keys", "publish single-party keys even on a chain that is not a test chain", false)
    .addHelpText("after", "\nThe owner's key is read from ASSAY_PRIVATE_KEY.")
    .action(async (path: string, options: Options) => {
      const output = createOutput(options.json);
      const levels = parseLevels(options.levels);
      const client = await connectWithKey(options);
      const recipients = options.recipient.map(recipientOf);
      const royalty = unitsOf(options.royalty, await getCurrency(client));
      // A port in use must be known before minutes of work.
      const { store, uri, server } = await openPublishStore(options.store, options.port, options.uri);
      try {
        if (levels.includes("Zkml")) refuseDevKeys(client.deployment.chainId, options.allowDevKeys);
        const source = withVisibility(await readModelSource(path, options.config), options);
        const ownerStore = await openStore(options.ownerStore, { ...storeOptions(), mode: 0o600 });
        const prepared = await prepareVersion(source, {
          onProgress: (_, message) => output.progress(message),
          ...(options.retrainOf !== undefined && {
            retrainOf: await readReference(options.retrainOf, store, ownerStore),
          }),
        });
        const publication = publicationOf(prepared, levels);
        const sealed = recipients.length === 0 ? undefined : seal(prepared.ownerFiles, recipients);
        output.progress("registering");
        const published = await publishModel(client, {
          ...publication,
          files: [...publication.files, ...(sealed === undefined ? [] : [...sealed.sealed, sealed.grant])],
          store,
          ownerStore,
          uri,
          royalty,
          ...(options.model !== undefined && { modelId: BigInt(options.model) }),
        });
        const { report } = prepared.compilation;
        const grant = sealed && grantAddress(published.uri, contentId(sealed.grant));
        const gateway = server?.url;
        output.result(
          { ok: true, ...published, grant, gateway, report, diagnostics: [] },
          [
            `${formatReport(report)}\n`,
            `model ${String(published.modelId)}`,
            `version ${published.versionId}`,
            `files at ${published.uri}`,
            ...(gateway === undefined || gateway === published.uri ? [] : [`and at the gateway ${gateway}`]),
            ...(grant === undefined ? [] : [`grant for ${recipients.length} workers at ${grant}`]),
          ].join("\n"),
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

function seal(ownerFiles: readonly Uint8Array[], recipients: readonly string[]): SealedFiles {
  if (ownerFiles.length > 0) return sealFiles(ownerFiles, recipients);
  throw new PublishError("NOTHING_TO_SEAL", "everybody may have this version's files: leave --recipient out");
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
