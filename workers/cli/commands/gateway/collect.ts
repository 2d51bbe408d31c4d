import { tmpdir } from "node:os";
import { join } from "node:path";

import { Command } from "commander";
import { destination, pino } from "pino";

import { lockKey } from "../../../daemon/journal/key-lock.ts";
import { collectVouchers, LEDGER_FILE, openLedger } from "../../../gateway/index.ts";
import { balanceOf, type Client, getCurrency, send, withdraw } from "../../../sdk/index.ts";
import { connectAs } from "../../chain-options.ts";
import { ledgerDirectory } from "../../gateway-config.ts";
import { openKey } from "../../key-source.ts";
import { coinsOf } from "../../numbers.ts";
import { createOutput } from "../../output.ts";
import { withSettings } from "../../settings/with-settings.ts";
import { readWorkerFile } from "../../worker-file.ts";

interface Options {
  readonly withdraw: boolean;
  readonly to?: string;
  readonly json: boolean;
}

export function collectCommand(): Command {
  const command = new Command("collect")
    .description("collect the vouchers that a stopped gateway holds; a running one does so by itself")
    .option("--withdraw", "take out what was ever collected, too", false)
    .option("--to <address>", "who gets it (default: the worker's key)");
  return withSettings(command).action(async (path: string | undefined, options: Options) => {
    const output = createOutput(options.json);
    const file = await readWorkerFile(path, { environment: process.env, flags: { ...options } });
    const key = await openKey(file.key, "ASSAY_PRIVATE_KEY", process.env);
    const client = await connectAs(file, key);
    const { deployment, provider } = client;
    const { chainId, paymentChannels: channels, receiptAnchors: anchors } = deployment;
    // A worker that runs with this key counts on its nonces.
    const lock = lockKey(file.lockDirectory ?? join(tmpdir(), "assay-locks"), chainId, `0x${key.address.slice(2)}`);
    try {
      const payee = file.gateway?.payee ?? key.address;
      const identity = { chainId, channels, anchors, workerKey: key.address, payee };
      const ledger = openLedger(join(ledgerDirectory(file), LEDGER_FILE), identity);
      const logger = pino({ level: file.logLevel }, destination(2));
      const brought = await collectVouchers({ offMarket: sendingWith(client), ledger, least: 0n, logger }).finally(() =>
        ledger.close(),
      );
      const currency = await getCurrency(client);
      output.progress(`${coinsOf(brought, currency)} collected for ${payee}`);
      const amount = options.withdraw
        ? await balanceOf(client, { account: key.address, purse: "paymentChannels" })
        : 0n;
      const to = options.to ?? key.address;
      if (amount > 0n) await withdraw(client, { amount, to, purse: "paymentChannels" });
      output.result(
        { ok: true, collected: brought, withdrawn: amount, diagnostics: [] },
        amount > 0n ? `${coinsOf(amount, currency)} paid to ${to}` : "done",
      );
    } finally {
      lock.release();
      provider.destroy();
    }
  });
}

/** What collecting needs of a worker, by a client alone. */
function sendingWith(client: Client): Parameters<typeof collectVouchers>[0]["offMarket"] {
  return {
    deployment: client.deployment,
    read: (_what, call) => call(client),
    async send(_kind, call) {
      const { hash } = await send(client, call);
      return { transactionHash: `0x${hash.slice(2)}`, ok: true };
    },
  };
}
