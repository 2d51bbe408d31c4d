import { Command } from "commander";

import { contentId } from "../../../../circuits/format/content-id.ts";
import { openStore } from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { readArtifact } from "../../read-artifact.ts";
import { DEFAULT_STORE, storeOptions } from "../../store-options.ts";

interface Options {
  readonly store: string;
  readonly json: boolean;
}

export function putCommand(): Command {
  return new Command("put")
    .description("keep files; IPFS pins them together, and their address is printed")
    .argument("<file...>")
    .option("--store <address>", "a directory, ipfs:<directory>, kubo+http://… or s3://…", DEFAULT_STORE)
    .action(async (paths: string[], options: Options) => {
      const store = await openStore(options.store, storeOptions());
      const files = await Promise.all(paths.map(readArtifact));
      const uri = await store.publish?.(files);
      if (uri === undefined) for (const file of files) await store.put(file);
      const cids = files.map(contentId);
      createOutput(options.json).result(
        { ok: true, cids, uri, diagnostics: [] },
        [...cids.map((cid, at) => `${cid}  ${paths[at] ?? ""}`), ...(uri === undefined ? [] : [`at ${uri}`])].join(
          "\n",
        ),
      );
    });
}
