import type { onnx } from "onnx-proto";

/** The version of a domain's operators that a model or a function imports; "" is the standard domain. */
export function opsetOf(
  imports: readonly onnx.IOperatorSetIdProto[] | null | undefined,
  domain: string,
): number | undefined {
  const found = (imports ?? []).find((entry) => standardName(entry.domain) === domain);
  return found === undefined ? undefined : Number(found.version ?? 0);
}

/** The standard domain has two names. */
export function standardName(domain: string | null | undefined): string {
  return domain === "ai.onnx" ? "" : (domain ?? "");
}
