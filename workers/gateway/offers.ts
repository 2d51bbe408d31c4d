import type { Manifest } from "../../circuits/format/manifest.ts";
import { visibilityOf } from "../../circuits/format/manifest.ts";
import { chainInputs } from "../../circuits/format/visibility.ts";
import { unpackTensors } from "../../circuits/format/tensor.ts";
import { commitmentIn } from "../../circuits/format/opening.ts";
import type { OffMarket } from "../daemon/index.ts";
import type { Level } from "../sdk/level.ts";
import type { Version } from "../sdk/version.ts";
import { GatewayError } from "./gateway-error.ts";

/** A version at a level, and what an answer costs. */
export interface OfferTerms {
  readonly versionId: string;
  readonly level: Level;
  /** In the smallest unit of the deployment's currency; 0 answers everybody. */
  readonly price: bigint;
  /** In the smallest unit of x402's token; left out, that is no way to pay for it. */
  readonly tokenPrice?: bigint | undefined;
}

export interface Offer extends OfferTerms {
  readonly version: Version;
  readonly manifest: Manifest;
}

export interface Offers {
  readonly all: readonly Offer[];
  /** Throws `NOT_OFFERED`. */
  find(versionId: string, level: Level): Offer;
}

/** Looks up what is offered. Throws `CONFIG_INVALID`, listing every offer that this worker cannot keep. */
export async function openOffers(offMarket: OffMarket, terms: readonly OfferTerms[]): Promise<Offers> {
  const problems: string[] = [];
  const all: Offer[] = [];
  for (const each of terms) {
    const { versionId, level } = each;
    try {
      const [version, manifest] = await Promise.all([offMarket.version(versionId), offMarket.manifest(versionId)]);
      if (!version.levels.includes(level)) throw new Error(`the version allows ${version.levels.join(", ")} only`);
      all.push({ ...each, version, manifest });
    } catch (error) {
      problems.push(`${versionId} at ${level}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length > 0)
    throw new GatewayError("CONFIG_INVALID", `the gateway cannot offer\n${problems.join("\n")}`, {
      details: { problems },
    });
  return {
    all,
    find(versionId, level) {
      const wanted = versionId.toLowerCase();
      const offer = all.find((each) => each.versionId.toLowerCase() === wanted && each.level === level);
      if (offer !== undefined) return offer;
      throw new GatewayError("NOT_OFFERED", `version ${versionId} is not offered at ${level}: see /v1/models`, {
        details: { versionId, level },
      });
    },
  };
}

/** Throws `TENSOR_LENGTH` or `TENSOR_PADDING` for what no input of the version is, before anybody pays for it. */
export function assertInput({ manifest }: Pick<Offer, "manifest">, input: Uint8Array): void {
  unpackTensors(chainInputs(visibilityOf(manifest), manifest.inputs), input);
}

/** Throws `INPUT_MISSING` (retryable) for a commitment whose preimage nobody brought, before anybody pays for it. */
export async function assertPreimageHere(
  offMarket: OffMarket,
  { manifest }: Pick<Offer, "manifest">,
  input: Uint8Array,
): Promise<void> {
  const commitment = commitmentIn(visibilityOf(manifest), input);
  if (commitment !== null && (await offMarket.inputs.find(commitment)) === null)
    throw new GatewayError("INPUT_MISSING", "bring the preimage first: PUT /v1/inputs/<commitment>", {
      retryable: true,
    });
}
