import { Command } from "commander";

import { contentId } from "../../../../circuits/format/content-id.ts";
import { sourcesFor } from "../../../sdk/index.ts";
import {
  decodeGrant,
  extendGrant,
  firstOf,
  openStore,
  parseGrantAddress,
  readKeyFile,
  recipientOf,
} from "../../../store/index.ts";
import { createOutput } from "../../output.ts";
import { DEFAULT_STORE, storeOptions } from "../../store-options.ts";

interface Options {
  readonly key: string;
  readonly recipient: readonly string[];
  readonly store: string;
  readonly json: boolean;
}

export function grantCommand(): Command {
  return new Command("grant")
    .description("let more workers open sealed files, without sealing them again")
    .argument("<grant>", "content id or address of a grant that the key has a part in")
    .requiredOption("--key <file>", "an artifact key that the grant is for already")
    .requiredOption("--recipient <key...>", "public keys to add")
    .option("--store <address>", "where the grant is read, and the new one kept", DEFAULT_STORE)
    .action(async (address: string, options: Options) => {
      const recipients = options.recipient.map(recipientOf);
      const key = await readKeyFile(options.key);
      const store = await openStore(options.store, storeOptions());
      const { grant, base } = parseGrantAddress(address);
      const source = base === undefined ? store : firstOf(sourcesFor(base, [store]));
      const wider = extendGrant(decodeGrant(await source.get(grant)), key, recipients, base);
      await store.put(wider);
      const cid = contentId(wider);
      createOutput(options.json).result({ ok: true, grant: cid, diagnostics: [] }, `grant ${cid}`);
    });
}
