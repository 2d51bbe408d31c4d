import { Interface } from "ethers";

import { errorsAbi } from "./abi/errors.ts";
import { type ContractErrorCode, ContractError } from "./errors.ts";
import { toPlainObject } from "./plain.ts";

/** What to do about the errors that a requester or a worker meets in the normal course of things; {an error's argument}. */
const ADVICE: Partial<Record<ContractErrorCode, string>> = {
  AllowanceTooLow: "{account} allows {consumer} {had}, and {needed} are needed: call allowConsumer",
  AnchorClosed: "the window in which receipts of anchor {anchorId} can be challenged is over",
  BalanceTooLow: "the account {account} holds {had} and {needed} are needed: deposit the difference",
  CallbackGasMissing: "the call leaves {had} gas for the consumer, who was promised {needed}: send more",
  CallbackGasTooHigh: "callbacks may use at most {max} gas, not {had}",
  CallbackWithoutConsumer: "a signed request with a callback names a consumer",
  ChallengeWindowOutOfRange: "the challenge window must be {min} to {max} seconds, not {had}",
  ClaimNotNeeded: "a Vanilla job is answered with execute; only Tee and Zkml jobs are claimed",
  CommitmentMismatch: "output and salt are not those that worker {workerId} committed to",
  CopiesNeedCommitment: "a job with several copies is answered by commit and reveal",
  CopiesOutOfRange: "at this level 1 to {max} workers may answer, not {had}",
  DrawNotReady: "the draw needs the request's block hash: act from the next block on",
  EnclaveUnknown: "enclave key {enclaveKey} is not enrolled: send its quote to the enclave registry",
  FeeTooLow: "the fee of {had} is below {needed}: offer at least that",
  FeesOutOfOrder: "minFee {minFee} is above maxFee {maxFee}",
  InputHashMismatch: "the input hashes to {had}, and {needed} was signed",
  InputLength: "the packed input is {had} bytes, the version takes {needed}",
  JobNotDue: "this becomes possible at {dueAt} (Unix seconds)",
  JobStateMismatch: "the job is in another state: somebody else acted first, or it never existed",
  JobTooLate: "the deadline {deadline} (Unix seconds) has passed: the job can only be expired",
  LevelNotAllowed: "version {versionId} does not allow this level",
  MeasurementNotAccepted: "code with measurement {measurement} is not accepted for this version",
  NonceUsed: "the signed request with nonce {nonce} was sent or cancelled already",
  NotDrawn: "worker {drawn} has priority until {until} (Unix seconds)",
  NotDrawnForPanel: "worker {workerId} was not drawn for this panel",
  NotServing: "worker {workerId} does not serve version {versionId} at this level: call serve",
  NotSuspended: "worker {workerId} is drawn as it is",
  NotWorkersOperator: "{caller} does not own worker {workerId}: sign with its operator's key",
  OutputLength: "the packed output is {had} bytes, the version gives {needed}",
  PanelJudges: "the version knows no evidence: a panel judges",
  PanelTooSmall: "a panel needs {needed} workers that have no part in the job, and {had} serve",
  PermitRefused: "the currency refused the permit: approve instead",
  ProofInvalid: "the proof does not show this output for this job and worker",
  QuorumCommitted: "{had} workers committed, and {quorum} are a majority: open the reveals and tally",
  RequestsPaused: "the administrator stopped new requests; open jobs finish",
  RoundNotOver: "others may still act in this round until {dueAt} (Unix seconds)",
  RoundOver: "the round was over at {dueAt} (Unix seconds)",
  SeatTaken: "worker {workerId} has a seat in this round already",
  SignatureRefused: "{requester} did not sign this",
  SignedRequestExpired: "the signed request was valid until {validUntil} (Unix seconds)",
  StakeMissing: "worker {workerId} has {had} of free stake and {needed} are needed: add stake",
  StakeTooLow: "the stake is {had} and {needed} are needed: add stake",
  TimeToLiveOutOfRange: "the time to live must be {min} to {max} seconds, not {had}",
  TooFewCommitments: "{had} workers committed, and {needed} are needed",
  TooFewWorkers: "{had} workers serve version {versionId} at this level, and {needed} are needed",
  ValueMismatch: "the value sent is {had}, and {needed} is needed",
  VersionDeprecated: "the owner of version {versionId} advises against it: pick another version",
  VersionExists: "version {versionId} is already there: the same facts make the same version",
  VersionUnknown: "no version {versionId} in this registry: check the id and the chain",
  WorkerUnknown: "{key} is no worker's key: register it first",
};

/** Errors that pass by themselves, so that the same call may succeed later. */
const RETRYABLE: readonly string[] = [
  "AnchorNotDue",
  "ChallengesOpen",
  "ChannelNotDue",
  "DrawNotReady",
  "EvidenceNotDue",
  "JobNotDue",
  "NotDrawn",
  "RequestsPaused",
  "RoundNotOver",
  "UnbondingNotOver",
];

let errors: Interface | undefined;

function knownErrors(): Interface {
  return (errors ??= new Interface(errorsAbi));
}

/** The Solidity name of the error with a selector, such as the code of a batch's item; `REVERTED` for an unknown one. */
export function errorNameOf(selector: string): string {
  return knownErrors().getError(selector)?.name ?? "REVERTED";
}

/** Names the reason of a revert. `data` is what the call returned, `context` what was attempted. */
export function decodeRevert(data: string, context: string, cause?: unknown): ContractError {
  const description = data === "0x" ? null : knownErrors().parseError(data);
  if (description === null)
    return new ContractError("REVERTED", `${context}: the contract gave ${data === "0x" ? "no reason" : data}`, {
      details: { data },
      cause,
    });
  const { name, fragment, args } = description;
  const details = toPlainObject(fragment.inputs, args);
  if (name === "Error" || name === "Panic")
    return new ContractError("REVERTED", `${context}: ${String(args[0])}`, { details, cause });
  const advice = isKnown(name)
    ? ADVICE[name]?.replace(/\{(\w+)\}/g, (_, key: string) => String(details[key]))
    : undefined;
  const values = Object.entries(details).map(([key, value]) => `${key}=${String(value)}`);
  return new ContractError(name, `${context}: ${advice ?? `${name}(${values.join(", ")})`}`, {
    retryable: RETRYABLE.includes(name),
    details,
    cause,
  });
}

function isKnown(name: string): name is keyof typeof ADVICE {
  return name in ADVICE;
}
