import { decodeBytes32String } from "ethers";

import { INTEL_ROOT, type RootKey, TeeError } from "../../tee/index.ts";
import { read } from "../access.ts";
import type { Client } from "../client.ts";
import { dcapContracts } from "../collateral/dcap-contracts.ts";
import { unverified } from "../unverified.ts";
import { checkEnrolment, type EnrolmentFindings, quoteFailure } from "./check-enrolment.ts";
import type { CollateralRecord, EnrolmentEvidence, EnrolmentRecord } from "./enrolment-record.ts";
import { fetchCollateralRecord } from "./fetch-collateral-record.ts";
import { type Enrolled, fetchEnrolment } from "./fetch-enrolment.ts";

export interface RecheckOptions {
  /**
   * The public key of the root to which quotes must lead, 64 bytes: Intel's unless told. A simulated enrolment is checked
   * under the root that its verifier on chain pins: it proves no isolation under any.
   */
  readonly root?: RootKey;
  /** What to hold the quote against, in place of what was posted on chain. */
  readonly collateral?: CollateralRecord;
}

export interface RecheckedEnrolment {
  readonly evidence: EnrolmentEvidence;
  readonly root: RootKey;
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
  const { root, collateral } = await collateralFor(client, fact, enrolment, options);
  const evidence = { enrolment, collateral };
  const findings = checkEnrolment(client.deployment, evidence, root);
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
  return { evidence, root, findings };
}

async function collateralFor(
  client: Client,
  fact: Enrolled,
  { quote }: EnrolmentRecord,
  { root, collateral }: RecheckOptions,
): Promise<{ readonly root: RootKey; readonly collateral: CollateralRecord }> {
  const args = [fact.verifierId] as const;
  const [verifier, kind] = await read(client, { contract: "enclaveRegistry", functionName: "quoteVerifierOf", args });
  if (decodeBytes32String(kind) !== "dcap")
    throw unverified("EVIDENCE_NOT_FOUND", `quotes of the kind ${decodeBytes32String(kind)} are not verified here`, {
      kind: decodeBytes32String(kind),
    });
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
