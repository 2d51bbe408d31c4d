import { Command } from "commander";

import { contentId } from "../../../../circuits/format/content-id.ts";
import { grantAddress, openStore, recipientOf, sealFiles } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { readArtifact } from "../../read-artifact.ts";
import { DEFAULT_STORE, storeOptions } from "../../store-options.ts";

interface Options {
  readonly store: string;
  readonly recipient: readonly string[];
  readonly json: boolean;
}

export function sealCommand(): Command {
  return new Command("seal")
    .description("seal files to workers' artifact keys, and keep seals and grant in a store that anybody may read")
    .argument("<file...>")
    .requiredOption("--recipient <key...>", "public keys, as `assay store key` prints them")
    .option("--store <address>", "a directory, ipfs:<directory>, kubo+http://… or s3://…", DEFAULT_STORE)
    .action(async (paths: string[], options: Options) => {
      const recipients = options.recipient.map(recipientOf);
      const store = await openStore(options.store, storeOptions());
      const { grant, sealed } = sealFiles(await Promise.all(paths.map(readArtifact)), recipients);
      const uri = await store.publish?.([...sealed, grant]);
      if (uri === undefined) for (const file of [...sealed, grant]) await store.put(file);
      const cid = contentId(grant);
      const address = uri === undefined ? cid : grantAddress(uri, cid);
      createOutput(options.json).result({ ok: true, grant: address, diagnostics: [] }, `grant ${address}`);
    });
}
