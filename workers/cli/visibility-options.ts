import { type Command, Option } from "commander";

import { ALL_PUBLIC, type Visibility } from "../../circuits/format/visibility.ts";
import type { ModelSource } from "../publish/model-config.ts";

export interface VisibilityOptions {
  readonly privateInput?: boolean;
  readonly privateOutput?: boolean;
  readonly weights?: Visibility["weights"];
}

export function withVisibilityOptions(command: Command): Command {
  return command
    .option("--private-input", "the chain sees a salted commitment to the input, the worker sees the input")
    .option("--private-output", "the chain sees a salted commitment to the output")
    .addOption(
      new Option(
        "--weights <who>",
        "who has model and graph: everybody, or the owner's workers; committed: as a witness, one key for all retrains",
      ).choices(["constant", "owner-held", "committed"]),
    );
}

/** What the command line says counts more than the model's configuration. */
export function withVisibility(source: ModelSource, options: VisibilityOptions): ModelSource {
  const { privateInput, privateOutput, weights } = options;
  const visibility = {
    ...(source.config.visibility ?? ALL_PUBLIC),
    ...(privateInput === true && { input: "committed" as const }),
    ...(privateOutput === true && { output: "committed" as const }),
    ...(weights !== undefined && { weights }),
  };
  return { ...source, config: { ...source.config, visibility } };
}
