/** The typed client of Assay: `name(client, parameters)` for every action, browser-safe. */
export { type UnsignedCall, populateWrite, read, readAt, send, simulate, write } from "./access.ts";
export { allowConsumer } from "./actions/allow-consumer.ts";
export { anchorReceipts } from "./actions/anchor-receipts.ts";
export { balanceOf, type Purse } from "./actions/balance-of.ts";
export { cancelSigned } from "./actions/cancel-signed.ts";
export { challenge } from "./actions/challenge.ts";
export { challengeReceipt } from "./actions/challenge-receipt.ts";
export { claim } from "./actions/claim.ts";
export { closeChannel } from "./actions/close-channel.ts";
export { collectVoucher } from "./actions/collect-voucher.ts";
export { commit } from "./actions/commit.ts";
export { commitVerdict } from "./actions/commit-verdict.ts";
export { deposit } from "./actions/deposit.ts";
export { drawnWorker } from "./actions/drawn-worker.ts";
export { endJob } from "./actions/end-job.ts";
export { enrollEnclave } from "./actions/enroll-enclave.ts";
export { execute } from "./actions/execute.ts";
export { executeBatch } from "./actions/execute-batch.ts";
export { exportBundle } from "./actions/export-bundle.ts";
export { expire } from "./actions/expire.ts";
export { feeAt } from "./actions/fee-at.ts";
export { fulfill } from "./actions/fulfill.ts";
export { fulfillBatch } from "./actions/fulfill-batch.ts";
export { getChannel, type GetChannelReturnType } from "./actions/get-channel.ts";
export { type GetJobReturnType, type JobFact, getJob } from "./actions/get-job.ts";
export { getRound, type GetRoundReturnType } from "./actions/get-round.ts";
export { getStanding, type GetStandingReturnType } from "./actions/get-standing.ts";
export { getVersion } from "./actions/get-version.ts";
export { infer, type InferParameters, type InferReturnType } from "./actions/infer.ts";
export { listVersions } from "./actions/list-versions.ts";
export { openChannel } from "./actions/open-channel.ts";
export { openReveals } from "./actions/open-reveals.ts";
export {
  publishModel,
  type PublishedSample,
  type PublishModelParameters,
  type PublishModelReturnType,
} from "./actions/publish-model.ts";
export { quoteFee, type QuoteFeeReturnType } from "./actions/quote-fee.ts";
export { reclaimChannel } from "./actions/reclaim-channel.ts";
export { registerWorker } from "./actions/register-worker.ts";
export { relayRequest } from "./actions/relay-request.ts";
export { releaseAnchor } from "./actions/release-anchor.ts";
export { request } from "./actions/request.ts";
export { requestFrom } from "./actions/request-from.ts";
export { resolve } from "./actions/resolve.ts";
export { resolveReceipt } from "./actions/resolve-receipt.ts";
export { retryCallback } from "./actions/retry-callback.ts";
export { returnToDraws } from "./actions/return-to-draws.ts";
export { reveal } from "./actions/reveal.ts";
export { revealVerdict } from "./actions/reveal-verdict.ts";
export { serve } from "./actions/serve.ts";
export { settle } from "./actions/settle.ts";
export { settleBatch } from "./actions/settle-batch.ts";
export { showReceipt } from "./actions/show-receipt.ts";
export { signRequest, type SignRequestParameters, type SignRequestReturnType } from "./actions/sign-request.ts";
export { tally } from "./actions/tally.ts";
export { topUpChannel } from "./actions/top-up-channel.ts";
export { verifyEnrolment, type VerifyEnrolmentReturnType } from "./actions/verify-enrolment.ts";
export { verifyResult, type VerifyResultReturnType } from "./actions/verify-result.ts";
export {
  waitForResult,
  type WaitForResultParameters,
  type WaitForResultReturnType,
} from "./actions/wait-for-result.ts";
export { withdraw } from "./actions/withdraw.ts";
export { withdrawEarnings } from "./actions/withdraw-earnings.ts";
export { type BatchAnswer, type BatchProof, type BatchReturnType } from "./batch.ts";
export { callDigest, type CallResult } from "./call-digest.ts";
export { type Channel, channelIdOf, isVoucherSigned, signVoucher } from "./channels/voucher.ts";
export { type Client, createClient, openProvider } from "./client.ts";
export { type Arguments, type ContractName, type Returned, CONTRACT_ABIS, interfaceOf } from "./contracts.ts";
export {
  fetchCollateral,
  type FetchCollateralParameters,
  type FetchCollateralReturnType,
} from "./collateral/fetch-collateral.ts";
export { type Currency, getCurrency, tokenOf } from "./currency.ts";
export { decodeRevert, errorNameOf } from "./decode-revert.ts";
export { type Deployment, parseDeployment } from "./deployment.ts";
export { type ContractErrorCode, ContractError, isContractError, SdkError, type SdkErrorCode } from "./errors.ts";
export { formatBundle, parseBundle } from "./enrolments/bundle-file.ts";
export { checkEnrolment, type EnrolmentFindings, enrolmentDigest } from "./enrolments/check-enrolment.ts";
export {
  type BundlePlace,
  type ResultBundle,
  type VerifiedBundle,
  verifyBundle,
  type VerifyBundleOptions,
} from "./enrolments/verify-bundle.ts";
export type { CollateralRecord, EnrolmentEvidence, EnrolmentRecord } from "./enrolments/enrolment-record.ts";
export { PROOF_BYTES, proofEvidence, splitProofEvidence } from "./evidence.ts";
export {
  type AnchorFact,
  type CertificateFact,
  type ChannelFact,
  type CollateralFact,
  type EnclaveFact,
  type MarketFact,
  type ModelFact,
  type Position,
  type WorkerFact,
  decodeAnchorLogs,
  decodeCertificateLogs,
  decodeChannelLogs,
  decodeCollateralLogs,
  decodeEnclaveLogs,
  decodeMarketLogs,
  decodeModelLogs,
  decodeWorkerLogs,
} from "./facts.ts";
export { fetchLogs, fetchLogsOf } from "./fetch-logs.ts";
export {
  type CallbackAt,
  type Job,
  type JobState,
  type JobStatus,
  type JobTerms,
  bindingOf,
  JOB_STATES,
  jobIdOf,
  jobStateOf,
  jobTermsOf,
  packJob,
  resultDigest,
} from "./job.ts";
export {
  type Authorization,
  authorizationDigest,
  type AuthorizingToken,
  signAuthorization,
} from "./gateway/authorization.ts";
export { type Payer } from "./gateway/payer.ts";
export { payByToken, type TokenPayerOptions } from "./gateway/pay-by-token.ts";
export { payByVouchers, type VoucherPayer, type VoucherPayerOptions } from "./gateway/pay-by-vouchers.ts";
export { hasLevel, type Level, levelNumber, levelOf, LEVELS, levelSet, levelsIn } from "./level.ts";
export { anchorsOf, channelsOf } from "./places.ts";
export { populate } from "./populate.ts";
export type { Request, RequestParameters } from "./prepare-request.ts";
export { commitInput, fetchOutput, openOutput, sendPreimage } from "./private-tensors.ts";
export { type MerkleTree, merkleTree, rootOf } from "./receipts/merkle-tree.ts";
export { type Receipt, receiptDigest, receiptLeaf, receiptResultDigest, signReceipt } from "./receipts/receipt.ts";
export type { RequestReturnType } from "./requested.ts";
export {
  type CommitmentParts,
  type Round,
  type RoundPhase,
  type Seat,
  type SeatState,
  commitmentOf,
  keptOutputHash,
  panelIdOf,
  quorumOf,
  roundPhaseOf,
  seatStateOf,
} from "./round.ts";
export { fromRpc } from "./rpc-error.ts";
export { type SignedRequest, signedRequestData, signedRequestDigest } from "./signed-request.ts";
export type { ArtifactSource, ArtifactStore, GetOptions } from "./store/artifact-store.ts";
export { HttpStore, type HttpStoreOptions } from "./store/http-store.ts";
export { sourcesFor } from "./store/sources-for.ts";
export {
  fromChainTensorSpec,
  toChainTensorSpec,
  type Version,
  type VersionSpec,
  type VersionTerms,
  versionIdOf,
} from "./version.ts";
export {
  type MinimumTcb,
  type Policy,
  type Quote,
  type QuoteFindings,
  type QuoteStanding,
  type SignedText,
  type TcbStatus,
  type TeeErrorCode,
  type VerifyQuoteParameters,
  Collateral,
  INTEL_ROOT,
  isDebug,
  measurementOf,
  parseQuote,
  quoteStanding,
  STRICT_POLICY,
  TeeError,
  verifyQuote,
} from "../tee/index.ts";
