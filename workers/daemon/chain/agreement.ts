/**
 * Agreement: what several nodes answer to one question, where a wrong answer would cost money.
 *
 * Words
 * - **silent**: a node that did not answer, not in time, or only with a refusal to answer. A contract's revert is an answer.
 * - **quorum**: how many nodes must give the same answer, at least.
 *
 * An answer counts if a quorum gave it and more nodes than gave any other. Nodes that contradict each other without such a
 * majority are an error that names who said what; too many silent ones are an error of their own. As soon as nodes that
 * have not answered cannot change the outcome, they are not waited for; where they can, they get a time of grace.
 */
import type { AssayError } from "../../../circuits/format/error.ts";
import { fromRpc } from "../../sdk/rpc-error.ts";
import { WorkerError } from "../worker-error.ts";
import type { ChainNode } from "./node.ts";

export interface Question<T> {
  readonly what: string;
  readonly nodes: readonly ChainNode[];
  /** Nodes that are not asked, because they did not answer a moment ago. */
  readonly resting: readonly ChainNode[];
  readonly quorum: number;
  /** Milliseconds that silent nodes get once a quorum has answered. */
  readonly grace: number;
  readonly call: (provider: ChainNode) => Promise<T>;
  /** Told of each node that was outvoted, and what it said. */
  readonly onDissent: (node: ChainNode, said: string) => void;
}

/** An answer, or the refusal that a node gave in place of one. */
type Reply<T> = { readonly node: ChainNode; readonly text: string } & (
  { readonly value: T } | { readonly failure: AssayError; readonly silent: boolean }
);
type Answered<T> = Exclude<Reply<T>, { readonly silent: true }>;

/** The one answer. Throws `RPC_DISAGREEMENT` or `RPC_UNREACHABLE` (both retryable), or what the nodes agree to refuse. */
export async function agree<T>(question: Question<T>): Promise<T> {
  const { quorum, nodes } = question;
  const isDecided = (replies: readonly Reply<T>[]): boolean => {
    const [most, second] = byAnswer(replies);
    const waitedFor = nodes.length - replies.length;
    return (most?.length ?? 0) >= quorum && (most?.length ?? 0) > (second?.length ?? 0) + waitedFor;
  };
  const replies = await collect(question, isDecided);
  const [most = [], second = []] = byAnswer(replies);
  if (most.length < quorum && second.length === 0) throw tooSilent(question, replies, most.length);
  if (most.length < quorum || most.length === second.length) throw disagreement(question, replies);
  for (const { node, text } of replies.filter(isAnswer)) {
    if (text === most[0]?.text) continue;
    node.dissents++;
    question.onDissent(node, shortened(text));
  }
  return valueOf(most[0]);
}

/** What every node that is not silent answers, from a quorum of them at least. Throws `RPC_UNREACHABLE`, or a refusal. */
export async function askAll<T>(question: Question<T>): Promise<readonly { node: ChainNode; value: T }[]> {
  const replies = await collect(question, () => false);
  const answers = replies.filter(isAnswer);
  if (answers.length < question.quorum) throw tooSilent(question, replies, answers.length);
  return answers.map((reply) => ({ node: reply.node, value: valueOf(reply) }));
}

/** Replies until they decide, all are in, or the time of grace is over. */
async function collect<T>(
  { what, nodes, quorum, grace, call }: Question<T>,
  isDecided: (replies: readonly Reply<T>[]) => boolean,
): Promise<readonly Reply<T>[]> {
  const replies: Reply<T>[] = [];
  const enough = Promise.withResolvers<undefined>();
  let timer: NodeJS.Timeout | undefined;
  const all = nodes.map(async (node) => {
    replies.push(await replyOf(node, what, call));
    if (isDecided(replies)) enough.resolve(undefined);
    if (replies.filter(isAnswer).length >= quorum) timer ??= setTimeout(() => enough.resolve(undefined), grace);
  });
  await Promise.race([Promise.all(all), enough.promise]);
  clearTimeout(timer);
  const given = [...replies];
  // Whoever is waited for in vain is not waited for again at once.
  if (!isDecided(given)) for (const node of nodes) if (!given.some((reply) => reply.node === node)) node.rest();
  return given;
}

async function replyOf<T>(node: ChainNode, what: string, call: Question<T>["call"]): Promise<Reply<T>> {
  try {
    const value = await call(node);
    return { node, value, text: textOf(value) };
  } catch (error) {
    const failure = fromRpc(error, what);
    const silent = NO_ANSWER.has(failure.code);
    return { node, failure, silent, text: `${failure.code} ${failure.message}` };
  }
}

const NO_ANSWER: ReadonlySet<string> = new Set(["RPC_UNREACHABLE", "RPC_ERROR", "CHAIN_ID_MISMATCH"]);

function isAnswer<T>(reply: Reply<T>): reply is Answered<T> {
  return !("failure" in reply && reply.silent);
}

/** Groups of equal answers, the largest first. */
function byAnswer<T>(replies: readonly Reply<T>[]): readonly (readonly Answered<T>[])[] {
  const groups = Map.groupBy(replies.filter(isAnswer), ({ text }) => text);
  return [...groups.values()].sort((one, other) => other.length - one.length);
}

function valueOf<T>(reply: Reply<T> | undefined): T {
  if (reply === undefined) throw new TypeError("an agreed answer has at least one voice");
  if ("failure" in reply) throw reply.failure;
  return reply.value;
}

function tooSilent<T>(
  { what, quorum, nodes, resting }: Question<T>,
  replies: readonly Reply<T>[],
  had: number,
): AssayError {
  const failures = replies.flatMap((reply) => ("failure" in reply && reply.silent ? [reply.failure] : []));
  const refusal = failures.find(({ code }) => code !== "RPC_UNREACHABLE");
  if (had === 0 && refusal !== undefined) return refusal;
  const all = [...nodes, ...resting];
  if (all.length === 1 && failures[0] !== undefined) return failures[0];
  const silent = all
    .map(({ name }) => name)
    .filter((name) => !replies.some((r) => r.node.name === name && isAnswer(r)));
  return new WorkerError(
    "RPC_UNREACHABLE",
    `${what}: ${had} of ${all.length} nodes answered, ${quorum} are needed; silent: ${silent.join(", ")}`,
    { retryable: true, details: { had, needed: quorum, silent }, cause: failures[0] },
  );
}

const LONGEST = 120;

function disagreement<T>({ what }: Question<T>, replies: readonly Reply<T>[]): WorkerError {
  const said = replies.filter(isAnswer).map(({ node, text }) => ({ node: node.name, answer: shortened(text) }));
  const told = said.map(({ node, answer }) => `${node} says ${answer}`).join("; ");
  return new WorkerError("RPC_DISAGREEMENT", `${what}: the nodes contradict each other: ${told}`, {
    retryable: true,
    details: { said },
  });
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}... (${text.length} characters)`;
}

/** Equal values have equal texts. */
function textOf(value: unknown): string {
  // In a list, because nothing at all has no text.
  return JSON.stringify([value], (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner)).slice(
    1,
    -1,
  );
}
