import { grouped, percent } from "./numbers.ts";
import type { CompileReport, NodeReport } from "./report.ts";

const NAMED = 3;

/** The nodes with the most constraints, as a list in words; empty for a circuit without any. */
export function dominantText({ nodes, constraints }: Pick<CompileReport, "nodes" | "constraints">): string {
  return dominantNodes(nodes)
    .map((node) => `${nameOf(node)} ${grouped(node.constraints)} (${percent(node.constraints / constraints, 0)})`)
    .join(", ");
}

/** What makes a circuit smaller, depending on where most of its constraints are. */
export function savingAdvice({ nodes, constraints }: Pick<CompileReport, "nodes" | "constraints">): string {
  const inputs = nodes[0]?.constraints ?? 0;
  const advice = [
    ...(inputs > constraints / 4 ? ["declare fewer bits for each input element, or make the input smaller"] : []),
    ...(inputs < (constraints * 3) / 4
      ? [
          "ask for less accuracy or fewer weight and activation bits",
          "take fewer or narrower layers that are not linear",
        ]
      : []),
  ];
  return advice.join("; ");
}

export function nameOf({ node, op }: NodeReport): string {
  if (node !== "") return op === "" ? node : `${op} "${node}"`;
  return op === "" ? "(rounding)" : op;
}

/** Of equals the earlier one. */
function dominantNodes(nodes: readonly NodeReport[]): NodeReport[] {
  return nodes
    .filter(({ constraints }) => constraints > 0)
    .sort((one, other) => other.constraints - one.constraints)
    .slice(0, NAMED);
}
