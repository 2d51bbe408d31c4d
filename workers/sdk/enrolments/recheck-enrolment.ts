import { decodeBytes32String } from "ethers";

import { INTEL_ROOT, TeeError } from "../../tee/index.ts";
import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { dcapContracts } from "../collateral/dcap-contracts.ts";
import { unverified } from "../unverified.ts";
import {
  checkEnrolment,
  type CheckEnrolmentOptions,
  type EnrolmentFindings,
  type EnrolmentRoots,
  quoteFailure,
} from "./check-enrolment.ts";
import type { CollateralRecord, EnrolmentEvidence, EnrolmentRecord } from "./enrolment-record.ts";
import { fetchCollateralRecord } from "./fetch-collateral-record.ts";
import { type Enrolled, fetchEnrolment } from "./fetch-enrolment.ts";
import { fetchNitroTrust } from "./fetch-nitro-trust.ts";

/**
 * Unless told, a simulated quote of Intel's kind is checked under the root that its verifier on chain pins: it proves no
 * isolation under any. Nitro's contracts keep a hash of their root alone: that of a simulated document must be named.
 */
export interface RecheckOptions extends EnrolmentRoots {
  /** What to hold a quote of Intel's hardware against, in place of what was posted on chain. */
  readonly collateral?: CollateralRecord;
}

export interface RecheckedEnrolment {
  readonly evidence: EnrolmentEvidence;
  readonly findings: EnrolmentFindings;
}

/**
 * Checks an enrolment that the node tells of: its quote is taken from the transaction and verified here, and all that the
 * log says of it must follow from the quote. Throws `RESULT_UNVERIFIED` with the check that failed, and
 * `EVIDENCE_NOT_FOUND` where there is nothing to check it by: a contract in between sent it, or it is of a kind of
 * hardware that is not verified here.
 */
export async function recheckEnrolment(
  client: Client,
  fact: Enrolled,
  options: RecheckOptions = {},
): Promise<RecheckedEnrolment> {
  const enrolment = await fetchEnrolment(client, fact);
  const { evidence, against } = await evidenceFor(client, fact, enrolment, options);
  const findings = checkEnrolment(client.deployment, evidence, against);
  const told = {
    measurement: findings.measurement === fact.measurement,
    simulated: findings.simulated === fact.simulated,
    expiresAt: fact.expiresAt <= BigInt(findings.validUntil),
  };
  const wrong = Object.entries(told).flatMap(([name, holds]) => (holds ? [] : [name]));
  if (wrong.length > 0)
    throw unverified(
      "RESULT_UNVERIFIED",
      `the log of the enrolment does not follow from its quote: ${wrong.join(", ")}`,
      {
        check: "enrolment",
        wrong,
      },
    );
  return { evidence, findings };
}

/** What an enrolment is checked by, and against what. */
interface Grounds {
  readonly evidence: EnrolmentEvidence;
  readonly against: CheckEnrolmentOptions;
}

async function evidenceFor(
  client: Client,
  fact: Enrolled,
  enrolment: EnrolmentRecord,
  options: RecheckOptions,
): Promise<Grounds> {
  const args = [fact.verifierId] as const;
  const [verifier, named] = await read(client, { contract: "enclaveRegistry", functionName: "quoteVerifierOf", args });
  const kind = decodeBytes32String(named);
  if (kind === "dcap") {
    const { root, collateral } = await collateralFor(client, fact, { ...options, verifier, enrolment });
    return { evidence: { kind, enrolment, collateral }, against: { root } };
  }
  if (kind === "nitro") {
    const { maxAge, distrusted } = await fetchNitroTrust(client, verifier, fact);
    return { evidence: { kind, enrolment, maxAge }, against: { nitroRoot: options.nitroRoot, distrusted } };
  }
  throw unverified("EVIDENCE_NOT_FOUND", `quotes of the kind ${kind} are not verified here`, { kind });
}

interface CollateralOptions extends RecheckOptions {
  readonly verifier: string;
  readonly enrolment: EnrolmentRecord;
}

async function collateralFor(
  client: Client,
  fact: Enrolled,
  { root, collateral, verifier, enrolment: { quote } }: CollateralOptions,
) {
  if (collateral !== undefined && root !== undefined) return { root, collateral };
  const contracts = await dcapContracts(client, verifier, "latest");
  const pinned = root ?? (fact.simulated ? contracts.root : INTEL_ROOT);
  if (collateral !== undefined) return { root: pinned, collateral };
  try {
    return {
      root: pinned,
      collateral: await fetchCollateralRecord(client, { ...contracts, maxAge: contracts.policy.maxAge }, quote, {
        root: pinned,
        position: fact,
      }),
    };
  } catch (error) {
    throw error instanceof TeeError ? quoteFailure(error) : error;
  }
}
