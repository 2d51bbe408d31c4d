import { readFile } from "node:fs/promises";

import { Command } from "commander";
import { hexlify } from "ethers";

import { parseBundle, parseDeployment, type ResultBundle, verifyBundle } from "../../../sdk/index.ts";
import { readRoot } from "../../collateral-source.ts";
import { readBytes } from "../../evidence-file.ts";
import { createOutput } from "../../output.ts";

interface Options {
  readonly deployment: string;
  readonly root?: string;
  readonly json: boolean;
}

export function recheckCommand(): Command {
  return new Command("recheck")
    .description(
      "check a result again by the file of assay job --bundle, without a node: signature, enrolment and quote",
    )
    .argument("<bundle>", "file written by assay job --bundle")
    .requiredOption("--deployment <file>", "the contracts that you know to be right: nothing in the bundle is believed")
    .option(
      "--root <key>",
      "the root to trust: of quotes 64 bytes or a PEM file, of Nitro a DER file; default: the maker's",
    )
    .action(async (path: string, { root, ...options }: Options) => {
      const bundle = parseBundle((await readBytes(path)).toString("utf8"));
      const deployment = parseDeployment(await readFile(options.deployment, "utf8"));
      const pinned = root === undefined ? {} : await rootOf(bundle, root);
      const { findings, packedOutput, caveats, ...ids } = verifyBundle(deployment, bundle, pinned);
      createOutput(options.json).result(
        { ok: true, ...ids, packedOutput, findings, caveats, diagnostics: [] },
        [
          `${ids.jobId} has the output ${hexlify(packedOutput)}`,
          `  signed by ${ids.enclaveKey} for ${ids.worker}, code ${findings.measurement}`,
          ...caveats.map((caveat) => `  but: ${caveat}`),
        ].join("\n"),
      );
    });
}

async function rootOf({ evidence }: ResultBundle, root: string) {
  return evidence.kind === "nitro" ? { nitroRoot: await readBytes(root) } : { root: await readRoot(root) };
}
