/** Answers over HTTP for payment, beside a running worker. */
export { type ReceiptSigner } from "./answers/make-answer.ts";
export { type ApiKey } from "./api-keys.ts";
export { type GatewayConfig } from "./gateway-config.ts";
export { GatewayError, type GatewayErrorCode } from "./gateway-error.ts";
export { backupLedger, LEDGER_FILE } from "./ledger/backup.ts";
export { type Ledger, openLedger } from "./ledger/ledger.ts";
export { type LedgerIdentity } from "./ledger/open-file.ts";
export { type OfferTerms } from "./offers.ts";
export { type RunningGateway, startGateway } from "./start-gateway.ts";
export { collectVouchers } from "./upkeep/collect-vouchers.ts";
export { type UpkeepSettings } from "./upkeep/start-upkeep.ts";
