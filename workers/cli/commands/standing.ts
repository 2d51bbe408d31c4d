import { Command } from "commander";

import { AssayError } from "../../../circuits/format/error.ts";
import { getCurrency, getStanding, returnToDraws, withdrawEarnings, type Client } from "../../sdk/index.ts";
import { connect, connectWithKey, withChainOptions, type ChainOptions } from "../chain-options.ts";
import { toCount } from "../numbers.ts";
import { createOutput } from "../output.ts";
import { findWorker } from "../register-worker.ts";
import { standingLines } from "../standing-lines.ts";

interface Options extends ChainOptions {
  readonly withdraw: boolean;
  readonly to?: string;
  readonly return: boolean;
  readonly json: boolean;
}

class StandingError extends AssayError {
  declare readonly code: "WORKER_MISSING";
}

export function standingCommand(): Command {
  return withChainOptions(new Command("standing"))
    .description("a worker's stake, reputation and earnings; its operator takes the earnings out")
    .argument("[workerId]", "default: the worker of the key in ASSAY_PRIVATE_KEY", toCount)
    .option("--withdraw", "take all earnings out first; the key is the operator's (ASSAY_PRIVATE_KEY)", false)
    .option("--to <address>", "who gets them (default: the operator)")
    .option("--return", "end a suspension first: be drawn again (ASSAY_PRIVATE_KEY)", false)
    .action(async (named: number | undefined, options: Options) => {
      const output = createOutput(options.json);
      const signs = options.withdraw || options.return || named === undefined;
      const client = signs ? await connectWithKey(options) : await connect(options);
      try {
        const workerId = named === undefined ? await ownWorker(client) : BigInt(named);
        if (options.return) await returnToDraws(client, { workerId });
        if (options.withdraw)
          await withdrawEarnings(client, { workerId, ...(options.to !== undefined && { to: options.to }) });
        const [standing, currency] = await Promise.all([getStanding(client, { workerId }), getCurrency(client)]);
        output.result(
          { ok: true, workerId, ...standing, diagnostics: [] },
          standingLines(workerId, standing, currency).join("\n"),
        );
      } finally {
        client.provider.destroy();
      }
    });
}

async function ownWorker(client: Client): Promise<bigint> {
  const key = (await client.signer?.getAddress()) ?? "";
  const workerId = await findWorker(client, key);
  if (workerId === undefined)
    throw new StandingError("WORKER_MISSING", `${key} is no worker's key: name the worker, or start it first`);
  return workerId;
}
