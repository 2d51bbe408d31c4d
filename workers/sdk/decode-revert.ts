import { Interface } from "ethers";

import { errorsAbi } from "./abi/errors.ts";
import { type ContractErrorCode, ContractError } from "./errors.ts";
import { toPlainObject } from "./plain.ts";

type Details = Readonly<Record<string, unknown>>;

/** What to do about the errors that a requester or a worker meets in the normal course of things. */
const ADVICE: Partial<Record<ContractErrorCode, (details: Details) => string>> = {
  BalanceTooLow: (d) => `the account holds ${d["had"]} wei and ${d["needed"]} are needed: deposit the difference`,
  BondMismatch: (d) => `a challenge needs a bond of exactly ${d["needed"]} wei, not ${d["had"]}`,
  CallbackGasTooHigh: (d) => `callbacks may use at most ${d["max"]} gas, not ${d["had"]}`,
  ChallengeWindowOutOfRange: (d) => `the challenge window must be ${d["min"]} to ${d["max"]} seconds, not ${d["had"]}`,
  ClaimNotNeeded: () => "a Vanilla job is answered with execute; only Tee and Zkml jobs are claimed",
  DrawNotReady: () => "the draw needs the request's block hash: act from the next block on",
  EnclaveUnknown: (d) => `enclave key ${d["enclaveKey"]} is not enrolled: send its quote to the enclave registry`,
  FeeTooLow: (d) => `the fee of ${d["had"]} wei is below ${d["needed"]}: offer at least that`,
  FeesOutOfOrder: (d) => `minFee ${d["minFee"]} is above maxFee ${d["maxFee"]}`,
  InputLength: (d) => `the packed input is ${d["had"]} bytes, the version takes ${d["needed"]}`,
  JobNotDue: (d) => `this becomes possible at ${d["dueAt"]} (Unix seconds)`,
  JobStateMismatch: () => "the job is in another state: somebody else acted first, or it never existed",
  JobTooLate: (d) => `the deadline ${d["deadline"]} (Unix seconds) has passed: the job can only be expired`,
  LevelNotAllowed: (d) => `version ${d["versionId"]} does not allow this level`,
  MeasurementNotAccepted: (d) => `code with measurement ${d["measurement"]} is not accepted for this version`,
  NoWorkerServes: (d) => `no worker serves version ${d["versionId"]} at this level for this fee`,
  NotDrawn: (d) => `worker ${d["drawn"]} has priority until ${d["until"]} (Unix seconds)`,
  NotServing: (d) => `worker ${d["workerId"]} does not serve version ${d["versionId"]} at this level: call serve`,
  OutputLength: (d) => `the packed output is ${d["had"]} bytes, the version gives ${d["needed"]}`,
  ProofInvalid: () => "the proof does not show this output for this job and worker",
  RequestsPaused: () => "the administrator stopped new requests; open jobs finish",
  StakeTooLow: (d) => `free stake is ${d["had"]} wei and ${d["needed"]} are needed: add stake`,
  TimeToLiveOutOfRange: (d) => `the time to live must be ${d["min"]} to ${d["max"]} seconds, not ${d["had"]}`,
  VersionDeprecated: (d) => `the owner of version ${d["versionId"]} advises against it: pick another version`,
  VersionExists: (d) => `version ${d["versionId"]} is already there: the same facts make the same version`,
  VersionUnknown: (d) => `no version ${d["versionId"]} in this registry: check the id and the chain`,
  WorkerUnknown: (d) => `${d["key"]} is no worker's key: register it first`,
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
  const advice = isKnown(name) ? ADVICE[name]?.(details) : undefined;
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
