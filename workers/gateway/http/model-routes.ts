import { getBytes } from "ethers";
import { z } from "zod";

import { contentIdOfDigest, digestOfContentId } from "../../../circuits/format/content-id.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { visibilityOf } from "../../../circuits/format/manifest.ts";
import { visibilitySchema } from "../../../circuits/format/visibility.ts";
import type { OffMarket } from "../../daemon/index.ts";
import { LEVELS } from "../../sdk/level.ts";
import { GatewayError } from "../gateway-error.ts";
import type { Offer, Offers } from "../offers.ts";
import type { Till } from "../payments/till.ts";
import type { Server } from "./open-server.ts";

const tensor = z.object({
  name: z.string(),
  kind: z.string(),
  bits: z.int(),
  decimals: z.int(),
  shape: z.array(z.int()),
});
const model = z.object({
  versionId: z.string(),
  level: z.enum(LEVELS),
  name: z.string(),
  /** In the smallest unit of the deployment's currency. */
  price: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  visibility: visibilitySchema,
  manifest: z.string(),
  circuit: z.object({ constraints: z.int(), keys: z.string() }).nullable(),
  accepts: z.array(z.record(z.string(), z.unknown())),
});

export interface ModelRoutesOptions {
  readonly offMarket: OffMarket;
  readonly offers: Offers;
  readonly tills: readonly Till[];
}

const A_YEAR = 31_536_000;

/** `GET /v1/models`: what is offered. `GET /ipfs/:cid`: files of what is offered that everybody may have. */
export function addModelRoutes(server: Server, { offMarket, offers, tills }: ModelRoutesOptions): void {
  const { chainId, market, paymentChannels, receiptAnchors } = offMarket.deployment;
  server.get(
    "/v1/models",
    {
      schema: {
        description: "What is offered, and what an answer costs.",
        response: {
          200: z.object({
            worker: z.string(),
            workerId: z.int(),
            chainId: z.int(),
            market: z.string(),
            paymentChannels: z.string(),
            receiptAnchors: z.string(),
            models: z.array(model),
          }),
        },
      },
    },
    () => ({
      worker: offMarket.workerKey,
      workerId: offMarket.workerId,
      chainId,
      market,
      paymentChannels,
      receiptAnchors,
      models: offers.all.map((offer) => modelOf(offer, tills)),
    }),
  );

  server.get(
    "/ipfs/:cid",
    {
      schema: {
        description: "A file of an offered version.",
        params: z.object({ cid: z.string() }),
      },
    },
    async ({ params: { cid } }, reply) => {
      digestOfContentId(cid);
      const bytes = await findFile(offMarket, offers, cid);
      return reply
        .header("cache-control", `public, max-age=${A_YEAR}, immutable`)
        .header("etag", `"${cid}"`)
        .type("application/octet-stream")
        .send(bytes);
    },
  );
}

async function findFile(offMarket: OffMarket, offers: Offers, cid: string): Promise<Uint8Array> {
  for (const { versionId } of offers.all) {
    try {
      return await offMarket.publicFile(versionId, cid);
    } catch (error) {
      if (!(error instanceof AssayError) || error.code !== "ARTIFACT_PRIVATE") throw error;
    }
  }
  throw new GatewayError("ANSWER_UNKNOWN", `${cid} is no file of an offered version that everybody may have`);
}

function modelOf({ versionId, level, price, manifest, version, ...offer }: Offer, tills: readonly Till[]) {
  const { name, inputs, outputs, circuit } = manifest;
  return {
    versionId,
    level,
    name,
    price: String(price),
    inputs,
    outputs,
    visibility: visibilityOf(manifest),
    manifest: contentIdOfDigest(getBytes(version.spec.manifestDigest)),
    circuit: circuit && { constraints: circuit.constraints, keys: circuit.keys },
    accepts: tills
      .map((till) => till.requirements({ versionId, level, price, manifest, version, ...offer }))
      .filter((each) => each !== null),
  };
}
