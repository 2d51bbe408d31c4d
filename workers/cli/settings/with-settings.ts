import { type Command, Option } from "commander";

import { SETTINGS } from "../worker-file.ts";

/** Lets a command take a worker's configuration: a file, and a flag for each of its fields. Help lists the flags if it is asked to. */
export function withSettings(command: Command, help: "list" | "hide" = "hide"): Command {
  command.argument("[worker.json]", "configuration; see docs/worker.md");
  if (help === "list")
    command
      .optionsGroup("Settings, in place of the file's and of variables such as ASSAY_WORKER_POLL_INTERVAL:")
      .addHelpText(
        "after",
        "\nThe key is read from ASSAY_PRIVATE_KEY unless `key` says otherwise. Logs are JSON lines on standard error.",
      );
  for (const { flag, values } of SETTINGS) {
    // What a command means by a flag of its own is what counts.
    if (command.options.some(({ long }) => long === flag)) continue;
    const option = new Option(`${flag} <value>`, values);
    command.addOption(help === "list" ? option : option.hideHelp());
  }
  return command;
}
