import { join } from "node:path";

import { destination, pino } from "pino";

import type { GatewayConfig } from "../gateway/index.ts";
import type { Currency } from "../sdk/index.ts";
import type { Key } from "./key-source.ts";
import { unitsOf } from "./numbers.ts";
import type { WorkerFile } from "./worker-file.ts";

/** Where a worker's gateway keeps its ledger. */
export function ledgerDirectory({ directory }: Pick<WorkerFile, "directory">): string {
  return join(directory, "gateway");
}

/** What a configuration asks of the gateway beside its worker; undefined for none. */
export function gatewayConfigOf(file: WorkerFile, currency: Currency, key: Key): GatewayConfig | undefined {
  if (file.gateway === undefined) return undefined;
  const { every, collectLeast, anchorLeast, offers, ...rest } = file.gateway;
  return {
    ...rest,
    signer: key,
    directory: ledgerDirectory(file),
    confirmations: file.confirmations,
    offers: offers.map(({ price, tokenPrice, ...offer }) => ({
      ...offer,
      price: unitsOf(price, currency),
      ...(tokenPrice !== undefined && { tokenPrice: BigInt(tokenPrice) }),
    })),
    upkeep: {
      every,
      collectLeast: unitsOf(collectLeast, currency),
      anchorLeast: anchorLeast ?? null,
      anchorUri: rest.publicUrl ?? "",
    },
    logger: pino({ level: file.logLevel }, destination(2)).child({ gateway: key.address }),
  };
}
