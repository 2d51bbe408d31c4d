/**
 * The gateway: answers over HTTP for payment, beside the jobs of a running worker and with its versions, prover, enclave and
 * key. It has a ledger of its own (`ledger/ledger.ts`); what it sends goes through the worker's lane.
 */
import { join } from "node:path";

import { addInputRoutes, type OffMarket, type RunningWorker } from "../daemon/index.ts";
import { read } from "../sdk/access.ts";
import { tokenOf } from "../sdk/currency.ts";
import { listen } from "../store/listen.ts";
import { createAnswerDesk } from "./answers/answer-desk.ts";
import { apiKeys } from "./api-keys.ts";
import { type GatewayConfig, settingsOf } from "./gateway-config.ts";
import { GatewayError } from "./gateway-error.ts";
import { addInferRoutes } from "./http/infer-routes.ts";
import { addJobRoutes } from "./http/job-routes.ts";
import { addModelRoutes } from "./http/model-routes.ts";
import { openServer } from "./http/open-server.ts";
import { LEDGER_FILE } from "./ledger/backup.ts";
import { openLedger } from "./ledger/ledger.ts";
import { openOffers } from "./offers.ts";
import { createExactTill } from "./payments/exact-till.ts";
import { httpFacilitator } from "./payments/facilitator.ts";
import { createVoucherTill } from "./payments/voucher-till.ts";
import { startUpkeep } from "./upkeep/start-upkeep.ts";

export interface RunningGateway {
  readonly url: string;
  /** Collects vouchers, anchors receipts and answers challenges at once, as far as they are due. */
  upkeep(): Promise<void>;
  /** Takes no more requests, and waits for answers that are being made. To be called before the worker stops. */
  stop(): Promise<void>;
}

/** Milliseconds that answers which are being made get at a stop. */
const GRACE = 30_000;

/** Throws `CONFIG_INVALID`, `GATEWAY_PORT`, `LEDGER_CORRUPT`, `LEDGER_NEWER`, `LEDGER_OTHER_GATEWAY`. */
export async function startGateway(
  worker: Pick<RunningWorker, "offMarket" | "jobs" | "facts">,
  config: GatewayConfig,
): Promise<RunningGateway> {
  const { offMarket, jobs, facts } = worker;
  const { deployment, workerKey, inputs } = offMarket;
  const settings = settingsOf(config, offMarket);
  const { payee, logger, clock, signer, x402 } = settings;

  const offers = await openOffers(offMarket, settings.offers);
  const token = await offMarket.read("the currency of channels", (client) => tokenOf(client, "paymentChannels"));
  await requireTimeToCollect(offMarket, settings.upkeep.every);

  const identity = {
    chainId: deployment.chainId,
    channels: deployment.paymentChannels,
    anchors: deployment.receiptAnchors,
    workerKey,
    payee,
  };
  const ledger = openLedger(join(settings.directory, LEDGER_FILE), identity, clock);
  const { confirmations, rememberFor } = settings;
  const tills = [
    createVoucherTill({ offMarket, ledger, payee, token, confirmations, rememberFor, clock }),
    ...(x402 === undefined
      ? []
      : [
          createExactTill({
            offMarket,
            token: x402,
            payTo: x402.payTo ?? payee,
            facilitator: x402.facilitator === undefined ? undefined : httpFacilitator(x402.facilitator),
            clock,
          }),
        ]),
  ];
  const { concurrency, queue, rate, trustProxy, mostBytes, publicUrl } = settings;
  const desk = createAnswerDesk({ offMarket, signer, clock, ledger, concurrency, queue, logger });
  const keys = apiKeys(settings.apiKeys);
  const server = await openServer({ keys, rate, trustProxy, mostBytes, logger });
  addInferRoutes(server, { desk, offers, tills, keys, publicUrl, logger });
  addModelRoutes(server, { offMarket, offers, tills });
  addJobRoutes(server, { ledger, jobs, facts });
  addInputRoutes(server, { inputs, logger });
  const { host, port } = settings;
  const url = await listen(server, settings, (cause) => {
    ledger.close();
    return new GatewayError("GATEWAY_PORT", `cannot listen on ${host}:${port}: choose another port`, {
      cause,
      details: { host, port },
    });
  });
  const upkeep = startUpkeep({ ...settings.upkeep, offMarket, ledger, logger, clock });
  logger.info({ url, payee, offers: offers.all.length }, "gateway started");

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    upkeep.stop();
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), GRACE);
    await Promise.race([Promise.all([server.close(), desk.drain()]), late.promise]);
    clearTimeout(timer);
    server.server.closeAllConnections();
    ledger.close();
    logger.info("gateway stopped");
  };
  return { url, upkeep: () => upkeep.now(), stop: () => (stopping ??= stop()) };
}

/** A payer that closes a channel gives the dispute window to collect in: looking less often than that loses money. */
async function requireTimeToCollect(offMarket: OffMarket, every: number): Promise<void> {
  const window = await offMarket.read("the channels' dispute window", (client) =>
    read(client, { contract: "paymentChannels", functionName: "disputeWindow", args: [] }),
  );
  if (BigInt(every) * 3n > window)
    throw new GatewayError(
      "CONFIG_INVALID",
      `upkeep every ${every} seconds is too seldom: channels close ${window} seconds after their payer says so`,
      { details: { every, disputeWindow: String(window) } },
    );
}
