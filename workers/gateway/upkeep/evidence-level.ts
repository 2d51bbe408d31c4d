import type { OffMarket } from "../../daemon/index.ts";

/** What judges a challenged receipt of a version: a proof if it has a circuit, else an enclave's signature; null: nothing. */
export async function evidenceLevel(
  offMarket: Pick<OffMarket, "version" | "manifest">,
  versionId: string,
): Promise<"Tee" | "Zkml" | null> {
  const { levels } = await offMarket.version(versionId);
  if (!levels.includes("Tee") && !levels.includes("Zkml")) return null;
  const { circuit } = await offMarket.manifest(versionId);
  return circuit === null ? "Tee" : "Zkml";
}
