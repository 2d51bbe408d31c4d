import { Command } from "commander";

import { describeDocument } from "../../../tee/nitro/describe-document.ts";
import { parseNitroDocument } from "../../../tee/nitro/parse-document.ts";
import { describeQuote } from "../../../tee/quote/describe-quote.ts";
import { parseQuote } from "../../../tee/quote/parse-quote.ts";
import { readEvidence } from "../../evidence-file.ts";
import { createOutput } from "../../output.ts";
import { printable, treeLines } from "../../tree-lines.ts";

export function quoteCommand(): Command {
  return new Command("quote")
    .description(
      "what a quote or attestation document says, field by field; nothing of it is verified (assay tee verify does)",
    )
    .argument("<file>", "of SGX, TDX or AWS Nitro, as it is or in hexadecimal or base64")
    .action(async (path: string, options: { readonly json: boolean }) => {
      const { kind, bytes } = await readEvidence(path);
      const now = Math.floor(Date.now() / 1000);
      const { fields, measurement, warnings } =
        kind === "nitro" ? describeDocument(parseNitroDocument(bytes), now) : describeQuote(parseQuote(bytes), now);
      createOutput(options.json).result(
        { ok: true, kind, length: bytes.length, measurement, warnings, ...fields, diagnostics: [] },
        [
          ...treeLines(fields, `${kind} of ${bytes.length} bytes`),
          `measurement ${measurement}`,
          ...warnings.map((warning) => `warning: ${printable(warning)}`),
        ].join("\n"),
      );
    });
}
