import { Interface } from "ethers";

import { errorsAbi } from "./abi/errors.ts";
import { type ContractErrorCode, ContractError } from "./errors.ts";
import { toPlainObject } from "./plain.ts";

/** What to do about the errors that a requester or a worker meets in the normal course of things; {an error's argument}. */
const ADVICE: Partial<Record<ContractErrorCode, string>> = {
  BalanceTooLow: "the account holds {had} wei and {needed} are needed: deposit the difference",
  BondMismatch: "a challenge needs a bond of exactly {needed} wei, not {had}",
  CallbackGasTooHigh: "callbacks may use at most {max} gas, not {had}",
  ChallengeWindowOutOfRange: "the challenge window must be {min} to {max} seconds, not {had}",
  ClaimNotNeeded: "a Vanilla job is answered with execute; only Tee and Zkml jobs are claimed",
  DrawNotReady: "the draw needs the request's block hash: act from the next block on",
  EnclaveUnknown: "enclave key {enclaveKey} is not enrolled: send its quote to the enclave registry",
  FeeTooLow: "the fee of {had} wei is below {needed}: offer at least that",
  FeesOutOfOrder: "minFee {minFee} is above maxFee {maxFee}",
  InputLength: "the packed input is {had} bytes, the version takes {needed}",
  JobNotDue: "this becomes possible at {dueAt} (Unix seconds)",
  JobStateMismatch: "the job is in another state: somebody else acted first, or it never existed",
  JobTooLate: "the deadline {deadline} (Unix seconds) has passed: the job can only be expired",
  LevelNotAllowed: "version {versionId} does not allow this level",
  MeasurementNotAccepted: "code with measurement {measurement} is not accepted for this version",
  NoWorkerServes: "no worker serves version {versionId} at this level for this fee",
  NotDrawn: "worker {drawn} has priority until {until} (Unix seconds)",
  NotServing: "worker {workerId} does not serve version {versionId} at this level: call serve",
  OutputLength: "the packed output is {had} bytes, the version gives {needed}",
  ProofInvalid: "the proof does not show this output for this job and worker",
  RequestsPaused: "the administrator stopped new requests; open jobs finish",
  StakeTooLow: "free stake is {had} wei and {needed} are needed: add stake",
  TimeToLiveOutOfRange: "the time to live must be {min} to {max} seconds, not {had}",
  VersionDeprecated: "the owner of version {versionId} advises against it: pick another version",
  VersionExists: "version {versionId} is already there: the same facts make the same version",
  VersionUnknown: "no version {versionId} in this registry: check the id and the chain",
  WorkerUnknown: "{key} is no worker's key: register it first",
};

/** Errors that pass by themselves, so that the same call may succeed later. */
const RETRYABLE: readonly string[] = ["DrawNotReady", "JobNotDue", "NotDrawn", "RequestsPaused", "UnbondingNotOver"];

let errors: Interface | undefined;

/** Names the reason of a revert. `data` is what the call returned, `context` what was attempted. */
export function decodeRevert(data: string, context: string, cause?: unknown): ContractError {
  errors ??= new Interface(errorsAbi);
  const description = data === "0x" ? null : errors.parseError(data);
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
