import { Command } from "commander";

import { describeQuote } from "../../../tee/quote/describe-quote.ts";
import { parseQuote } from "../../../tee/quote/parse-quote.ts";
import { readQuote } from "../../evidence-file.ts";
import { createOutput } from "../../output.ts";
import { treeLines } from "../../tree-lines.ts";

export function quoteCommand(): Command {
  return new Command("quote")
    .description("what a quote of an enclave says, field by field; nothing of it is verified (assay tee verify does)")
    .argument("<file>", "the quote, as it is or in hexadecimal or base64")
    .action(async (path: string, options: { readonly json: boolean }) => {
      const evidence = await readQuote(path);
      const { fields, measurement, warnings } = describeQuote(parseQuote(evidence), Math.floor(Date.now() / 1000));
      createOutput(options.json).result(
        {
          ok: true,
          kind: "dcap",
          length: evidence.length,
          measurement,
          warnings,
          ...fields,
          diagnostics: [],
        },
        [
          ...treeLines(fields, `quote of ${evidence.length} bytes`),
          `measurement ${measurement}`,
          ...warnings.map((warning) => `warning: ${warning}`),
        ].join("\n"),
      );
    });
}
