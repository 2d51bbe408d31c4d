import { Command, CommanderError } from "commander";

import { compileCommand } from "./commands/compile.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { gatewayCommand } from "./commands/gateway.ts";
import { jobCommand } from "./commands/job.ts";
import { proveCommand } from "./commands/prove.ts";
import { publishCommand } from "./commands/publish.ts";
import { requestCommand } from "./commands/request.ts";
import { runCommand } from "./commands/run.ts";
import { standingCommand } from "./commands/standing.ts";
import { storeCommand } from "./commands/store.ts";
import { teeCommand } from "./commands/tee.ts";
import { verifyCommand } from "./commands/verify.ts";
import { workerCommand } from "./commands/worker.ts";
import { reportFailure, reportUsage } from "./output.ts";

const json = process.argv.includes("--json");

const program = new Command("assay")
  .description("Verifiable inference for EVM contracts: compile, publish, serve and ask ONNX models.")
  .showHelpAfterError("(assay --help lists the commands)")
  .addHelpText(
    "after",
    `
A first round, no chain needed:
  assay compile model.onnx --out build     what it costs to prove, and what it loses in accuracy
  assay run build --input input.json       integer and float output side by side
  assay prove build --input input.json     a Groth16 proof of that run
  assay verify build proof.json

With a chain (--deployment names its file):
  assay publish model.onnx                 compile, make keys, store, register
  assay worker worker.json                 serve models and earn fees
  assay request <versionId> --input input.json --level zkml
  assay job <jobId>                        what happened to it, re-checked on this machine
  assay standing --withdraw                a worker's reputation, and its earnings
  assay store put model.onnx               files by content id, in a directory, IPFS or S3
  assay tee measure --eif worker.eif       what the chain will see of an enclave's image
  assay tee verify quote.bin               a quote held on this machine to the rules of the contracts`,
  )
  .configureOutput(json ? { writeErr: () => undefined } : {})
  .exitOverride();

for (const command of [
  compileCommand,
  runCommand,
  proveCommand,
  verifyCommand,
  publishCommand,
  workerCommand,
  gatewayCommand,
  requestCommand,
  jobCommand,
  standingCommand,
  storeCommand,
  teeCommand,
  doctorCommand,
])
  program.addCommand(prepare(command(), program));

/** A group has no options of its own: they would be taken from its commands. */
function prepare(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const below of command.commands) prepare(below, command);
  return command.commands.length > 0
    ? command
    : command.option("--json", "one JSON object on standard output, nothing else", false);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) reportFailure(error, json);
  else {
    process.exitCode = error.exitCode;
    if (error.exitCode !== 0) reportUsage("USAGE", error.message, json);
  }
}
