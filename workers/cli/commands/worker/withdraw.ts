import { Command } from "commander";

import { type Client, getCurrency, getStanding, read, withdrawEarnings, write } from "../../../sdk/index.ts";
import { coinsOf, toCoins, unitsOf } from "../../numbers.ts";
import { createOutput, type Output } from "../../output.ts";
import { openOwnedWorker } from "../../owned-worker.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { readWorkerFile } from "../../worker-file.ts";

interface Options {
  readonly to?: string;
  readonly stake: boolean;
  readonly amount?: string;
  readonly json: boolean;
}

export function withdrawCommand(): Command {
  const command = new Command("withdraw")
    .description("take out what the worker earned, as its owner (ASSAY_OPERATOR_KEY if that is another key)")
    .option("--to <address>", "who gets it (default: the owner)")
    .option("--stake", "the stake, too: begins its unbonding, or takes it out once that is over", false)
    .option("--amount <coins>", "how much stake is to unbond (default: all)", toCoins);
  return withSettings(command).action(async (path: string | undefined, options: Options) => {
    const output = createOutput(options.json);
    const file = await readWorkerFile(path, { environment: process.env, flags: { ...options } });
    const worker = await openOwnedWorker(file, process.env);
    try {
      const { workerId } = worker;
      const to = options.to ?? worker.operator;
      const done = await worker.asOperator(async (client) => ({
        ...(await takeEarnings(client, workerId, to, output)),
        ...(options.stake && { stake: await takeStake(client, workerId, to, options.amount, output) }),
      }));
      output.result({ ok: true, workerId, to, ...done, diagnostics: [] }, "done");
    } finally {
      worker.close();
    }
  });
}

async function takeEarnings(client: Client, workerId: bigint, to: string, output: Output) {
  const [{ earned }, currency] = await Promise.all([getStanding(client, { workerId }), getCurrency(client)]);
  if (earned > 0n) await withdrawEarnings(client, { workerId, to });
  output.progress(
    earned > 0n ? `${coinsOf(earned, currency)} earned, paid to ${to}` : "nothing was earned since the last time",
  );
  return { earned };
}

/**
 * One step of two: stake unbonds for a time, in which it can still be slashed, and is taken out afterwards. The contract refuses
 * that (`StakeStillBound`) while open business holds what it would leave uncovered.
 */
async function takeStake(client: Client, workerId: bigint, to: string, amount: string | undefined, output: Output) {
  const [worker, currency, block] = await Promise.all([
    read(client, { contract: "workerRegistry", functionName: "workerOf", args: [workerId] }),
    getCurrency(client),
    client.provider.getBlock("latest"),
  ]);
  const { unbonding, stake } = worker;
  if (unbonding === 0n) {
    const leaving = amount === undefined ? stake : unitsOf(amount, currency);
    await write(client, { contract: "workerRegistry", functionName: "startUnbonding", args: [workerId, leaving] });
    const after = await read(client, { contract: "workerRegistry", functionName: "workerOf", args: [workerId] });
    output.progress(`${coinsOf(leaving, currency)} of stake unbonds; take it out from ${whenOf(after.unbondingAt)} on`);
    return { step: "unbonding", amount: leaving, availableAt: Number(after.unbondingAt) };
  }
  const availableAt = Number(worker.unbondingAt);
  // The next block's time is later than the newest one's; a block that is old says nothing against now.
  if (Math.max(block?.timestamp ?? 0, Math.floor(Date.now() / 1000)) < availableAt) {
    output.progress(
      `${coinsOf(unbonding, currency)} of stake unbonds until ${whenOf(availableAt)}; beginning again would start that anew`,
    );
    return { step: "waiting", amount: unbonding, availableAt };
  }
  await write(client, { contract: "workerRegistry", functionName: "withdrawStake", args: [workerId, to] });
  output.progress(`${coinsOf(unbonding, currency)} of stake, paid to ${to}`);
  return { step: "withdrawn", amount: unbonding, availableAt };
}

function whenOf(seconds: number | bigint): string {
  return new Date(Number(seconds) * 1000).toISOString();
}
