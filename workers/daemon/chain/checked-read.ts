import { WorkerError } from "../worker-error.ts";
import type { ChainNode } from "./node.ts";

export interface CheckedRead<T> {
  readonly what: string;
  readonly nodes: readonly ChainNode[];
  readonly call: (node: ChainNode) => Promise<T>;
  /** What is wrong with an answer; undefined if it holds. */
  readonly problemOf: (answer: T) => string | undefined;
  readonly onProblem: (node: ChainNode, problem: string) => void;
}

/** The first answer that holds. Throws `RPC_INCOMPLETE` with the problems of all, or what the first node threw if none answered. */
export async function askUntilSound<T>({ what, nodes, call, problemOf, onProblem }: CheckedRead<T>): Promise<T> {
  const problems: string[] = [];
  let failure: unknown;
  for (const node of nodes) {
    try {
      const answer = await call(node);
      const problem = problemOf(answer);
      if (problem === undefined) return answer;
      problems.push(`${node.name}: ${problem}`);
      node.dissents++;
      onProblem(node, problem);
    } catch (error) {
      failure ??= error;
    }
  }
  if (problems.length === 0) throw failure;
  throw new WorkerError("RPC_INCOMPLETE", `${what}: ${problems.join("; ")}`, {
    retryable: true,
    details: { problems },
  });
}
