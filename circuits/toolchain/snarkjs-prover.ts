import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

import { assertWitnessShape } from "../format/check-witness.ts";
import { ProofError } from "../format/groth16.ts";
import type { Witness } from "../format/r1cs.ts";
import { assertVerificationKey } from "../format/verify-groth16.ts";
import { ToolchainError } from "./error.ts";
import type { ProvenStatement, Prover } from "./prover.ts";
import type { AnswerMessage, KeyMessage, WitnessMessage } from "./snarkjs-process.ts";
import { writeWtns } from "./wtns-file.ts";
import { readZkeyHeader, verificationKeyOfZkey } from "./zkey-file.ts";

export interface ProverOptions {
  /** 1 proves on one core, more on all of them: snarkjs knows nothing between. All of them unless told. */
  readonly threads?: number;
  /** Leave the prover in the caller's group of processes, so that both can be killed together. Default false. */
  readonly inGroup?: boolean;
}

/** The same name with the extension that this file itself has: .ts from source, .js once compiled. */
const PROCESS_FILE = fileURLToPath(new URL(`./snarkjs-process${extname(import.meta.url)}`, import.meta.url));

interface Request {
  readonly resolve: (answer: AnswerMessage) => void;
  readonly reject: (reason: Error) => void;
}

interface Session {
  readonly child: ChildProcess;
  readonly waiting: Request[];
}

/**
 * A prover that keeps snarkjs warm, with the proving key loaded, in a process of its own that starts now. A crash fails
 * the proofs under way and costs the next one a new process. Throws `ZKEY_CORRUPT`, or `KEY_UNSAFE` or `KEY_ENCODING`
 * for a key that nobody should prove with.
 */
export function createProver(zkey: Uint8Array, options: ProverOptions = {}): Prover {
  const { wireCount } = readZkeyHeader(zkey);
  const verificationKey = verificationKeyOfZkey(zkey);
  assertVerificationKey(verificationKey);
  const singleThread = (options.threads ?? availableParallelism()) === 1;
  let closed = false;

  const open = (): Session => {
    const key = { zkey, verificationKey, singleThread };
    const started = startSession(key, options.inGroup ?? false, () => {
      if (session === started) session = undefined;
    });
    return started;
  };
  let session: Session | undefined = open();

  return {
    get pid() {
      return session?.child.pid;
    },

    async prove(witness: Witness): Promise<ProvenStatement> {
      if (closed) throw closedError();
      assertWitnessShape(witness, wireCount);
      session ??= open();
      const answer = await ask(session, { wtns: writeWtns(witness) });
      if (answer.kind === "failed") throw crashError(`snarkjs could not prove: ${answer.problem}`);
      if (answer.kind === "invalid")
        throw new ProofError(
          "PROOF_INVALID",
          "no proof verifies: the witness breaks a constraint of this circuit, or the proving key is damaged",
        );
      return answer.statement;
    },

    async close(): Promise<void> {
      closed = true;
      const ending = session;
      session = undefined;
      if (ending === undefined) return;
      for (const request of ending.waiting.splice(0)) request.reject(closedError());
      ending.child.ref();
      const exited = once(ending.child, "exit");
      ending.child.kill("SIGKILL");
      await exited;
    },
  };
}

/**
 * Node gives the bytes over as they are (structured clone), without the detour through JSON. Detached as a rule, because Ctrl-C in
 * a terminal reaches the whole group of processes: the program decides what to do with proofs under way, not the key.
 */
function startSession(key: KeyMessage, inGroup: boolean, onEnd: () => void): Session {
  const child = fork(PROCESS_FILE, {
    serialization: "advanced",
    execArgv: [],
    detached: !inGroup,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const session: Session = { child, waiting: [] };
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  const end = (problem: string): void => {
    onEnd();
    for (const request of session.waiting.splice(0)) request.reject(crashError(problem));
  };
  child.on("message", (answer: AnswerMessage) => {
    session.waiting.shift()?.resolve(answer);
    rest(session);
  });
  child.on("error", (error) => end(`the prover's process failed: ${error.message}`));
  child.on("exit", (code, signal) => end(`the prover's process ended (${signal ?? code}) ${said}`.trim()));
  child.send(key);
  rest(session);
  return session;
}

function ask(session: Session, message: WitnessMessage): Promise<AnswerMessage> {
  return new Promise((resolve, reject) => {
    session.waiting.push({ resolve, reject });
    session.child.ref();
    session.child.channel?.ref();
    session.child.send(message);
  });
}

/** An idle prover keeps nobody alive: a program that forgets to close it still ends, and the hang-up ends the process. */
function rest({ child, waiting }: Session): void {
  if (waiting.length > 0) return;
  child.unref();
  child.channel?.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
}

function crashError(problem: string): ToolchainError {
  return new ToolchainError("PROVER_CRASHED", problem, { retryable: true });
}

function closedError(): ToolchainError {
  return new ToolchainError("PROVER_CLOSED", "the prover is closed");
}
