/** The worker process as a library. */
export { configfsTsm, type ConfigfsTsmOptions } from "./enclave/configfs-tsm.ts";
export { dstack, type DstackOptions } from "./enclave/dstack.ts";
export { type Accounts, accounts, ACCOUNT_KINDS } from "./accounts/accounts.ts";
export { type Account, accountOf, type Owner } from "./accounts/job-account.ts";
export { type DeclineCounts } from "./count-declines.ts";
export {
  blockToBind,
  type Enrolment,
  enrolmentDigest,
  type EnrolmentRequest,
  findQuoteVerifier,
  makeEnrolment,
  type QuoteVerifier,
} from "./enclave/enrolment.ts";
export { nitroBridge, type NitroBridgeOptions } from "./enclave/nitro-bridge.ts";
export { QuoteError, type QuoteErrorCode, type QuoteKind, type QuoteProvider } from "./enclave/quote-provider.ts";
export { simulatedQuoteProvider, type SimulatedQuoteOptions } from "./enclave/simulated-quote-provider.ts";
export { wantsDraining } from "./draining.ts";
export { createLogger, secretsOfUrl } from "./observe/logger.ts";
export { type Health } from "./observe/heartbeat.ts";
export { type StopOptions } from "./stopping.ts";
export { type FactFeed, type FactListener } from "./fact-feed.ts";
export { DEFAULT_LIMITS, type ExecutorLimits } from "./execution/executor/limits.ts";
export { type Quarantined } from "./execution/quarantine.ts";
export { type DeclineReason, type Fact, type FactKind, type SendKind } from "./facts.ts";
export { type FaultPoint, type FaultPoints } from "./fault-point.ts";
export { FLEET_ROLES, type FleetConfig, type FleetRole } from "./fleet/fleet-config.ts";
export { type RunningFleetProcess, startFleetProcess } from "./fleet/start-fleet-process.ts";
export { DEFAULT_POLICY, type Policy } from "./job/policy.ts";
export { addInputRoutes } from "./inputs/serve-inputs.ts";
export { type PrivateInputs } from "./inputs/private-inputs.ts";
export { type JobView } from "./job/job-view.ts";
export { reduce } from "./job/reduce.ts";
export { backupJournal, copyDatabase } from "./journal/backup.ts";
export { type JournalContents } from "./journal/contents.ts";
export { type Journal, NO_JOB, openJournal, type SubjectFact } from "./journal/journal.ts";
export { defaultLockDirectory, lockKey } from "./journal/key-lock.ts";
export { type Restored, restoreJournal, type RestoreOptions } from "./journal/restore.ts";
export { type Funds } from "./lane/gas-watch.ts";
export { type TransactionSigner } from "./lane/transaction-signer.ts";
export { type Computation, type OffMarket } from "./off-market/off-market.ts";
export { type OwnSend, type OwnSendKind } from "./off-market/own-sends.ts";
export { replay, type Replayed, type ReplayTarget } from "./replay.ts";
export { awsKmsSigner, type AwsKmsOptions } from "./signer/aws-kms.ts";
export { ExternalSigner, type KeyService } from "./signer/external-signer.ts";
export { keystoreAddress, openKeystore } from "./signer/keystore.ts";
export { SignerError, type SignerErrorCode } from "./signer/signer-error.ts";
export { web3signer, type Web3SignerOptions } from "./signer/web3signer.ts";
export { type RunningWorker, startWorker } from "./start-worker.ts";
export { type WorkerStanding } from "./standing.ts";
export { type WorkerConfig } from "./worker-config.ts";
export { WorkerError, type WorkerErrorCode } from "./worker-error.ts";
export { type WorkerStatus } from "./worker-status.ts";
