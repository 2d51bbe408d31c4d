import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

import { expect } from "chai";
import fc from "fast-check";

import { WitnessError } from "../../../circuits/format/check-witness.ts";
import { ProofError } from "../../../circuits/format/groth16.ts";
import { FIELD_ORDER } from "../../../circuits/format/interface-words.ts";
import { verifyProof } from "../../../circuits/format/verify-groth16.ts";
import {
  createProver,
  makeDeveloperKeys,
  type Prover,
  type ProvingKeys,
  ToolchainError,
  verificationKeyOfZkey,
} from "../../../circuits/toolchain/index.ts";
import { rejection } from "./rejection.ts";
import { squaringChain, squaringWitness } from "./sample-circuit.ts";

const ROUNDS = 700;
const ZKEY_SECTIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

describe("the snarkjs prover", function () {
  this.timeout(60_000);

  let keys: ProvingKeys;
  let prover: Prover;
  before(async () => {
    keys = await makeDeveloperKeys(squaringChain(ROUNDS));
    prover = createProver(keys.zkey);
  });
  after(() => prover.close());

  it("proves again and again, and in the order of the calls", async () => {
    const witnesses = [0n, 3n, 4n].map((start) => squaringWitness(ROUNDS, start));
    const statements = await Promise.all(witnesses.map((witness) => prover.prove(witness)));
    statements.forEach(({ proof, publicSignals }, index) => {
      expect(publicSignals).to.deep.equal(witnesses[index]?.slice(1, 3));
      expect(verifyProof(keys.verificationKey, publicSignals, proof)).to.equal(true);
    });
  });

  it("makes another proof each time, for the proof hides the witness", async () => {
    const witness = squaringWitness(ROUNDS, 2n);
    expect((await prover.prove(witness)).proof).not.to.deep.equal((await prover.prove(witness)).proof);
  });

  it("proves on one core too", async () => {
    const single = createProver(keys.zkey, { threads: 1 });
    try {
      const { proof, publicSignals } = await single.prove(squaringWitness(ROUNDS, 5n));
      expect(verifyProof(keys.verificationKey, publicSignals, proof)).to.equal(true);
    } finally {
      await single.close();
    }
  });

  it("gives no proof for a witness that breaks a constraint, linear ones included, and goes on", async () => {
    const witness = squaringWitness(ROUNDS, 2n);
    for (const wire of [1, 2, 3, 4, witness.length - 1]) {
      const failure = await rejection(prover.prove(witness.with(wire, 77n)), ProofError);
      expect(failure.code, `wire ${wire}`).to.equal("PROOF_INVALID");
      expect(failure.retryable).to.equal(false);
    }
    await prover.prove(witness);
  });

  it("refuses what is no witness of the circuit", async () => {
    const witness = squaringWitness(ROUNDS, 2n);
    expect((await rejection(prover.prove(witness.slice(1)), WitnessError)).code).to.equal("WITNESS_LENGTH");
    expect((await rejection(prover.prove([...witness, 0n]), WitnessError)).code).to.equal("WITNESS_LENGTH");
    const aliased = witness.with(5, (witness[5] ?? 0n) + FIELD_ORDER);
    expect((await rejection(prover.prove(aliased), WitnessError)).code).to.equal("WITNESS_VALUE");
  });

  it("refuses a proving key that is cut short", () => {
    for (const length of [0, 3, 11, 12, 100, 1000, keys.zkey.length - 1])
      expect(() => createProver(keys.zkey.subarray(0, length)), `${length} bytes`)
        .to.throw(ToolchainError)
        .with.property("code", "ZKEY_CORRUPT");
  });

  it("refuses a proving key whose counts, coefficients or section headers are damaged", () => {
    for (const [section, offset] of [
      [1, 0],
      [2, 0],
      [2, 4],
      [2, 75],
      [2, 79],
      [2, 83],
      [4, 3],
      [4, 7],
      [4, 11],
      [4, 15],
    ]) {
      const damaged = flipped(keys.zkey, sectionStart(keys.zkey, section ?? 0) + (offset ?? 0));
      expect(() => createProver(damaged), `section ${section}, byte ${offset}`)
        .to.throw(ToolchainError)
        .with.property("code", "ZKEY_CORRUPT");
    }
    for (const section of ZKEY_SECTIONS)
      expect(() => createProver(flipped(keys.zkey, sectionStart(keys.zkey, section) - 8)), `length of ${section}`)
        .to.throw(ToolchainError)
        .with.property("code", "ZKEY_CORRUPT");
  });

  it("refuses a proving key whose verification key is damaged", () => {
    const points = sectionStart(keys.zkey, 2) + 84;
    for (const offset of [0, 128, 256, 448, 384 + 64])
      expect(() => createProver(flipped(keys.zkey, points + offset)), `byte ${offset}`)
        .to.throw(ProofError)
        .with.property("code", "KEY_ENCODING");
  });

  it("never lets a proof out that damaged points or coefficients made", async () => {
    const wire = 10;
    for (const [section, offset] of [
      [4, 4 + 20 * 44 + 20],
      [5, 64 * wire],
      [7, 128 * wire],
      [8, 64 * wire],
      [9, 64 * wire],
    ]) {
      const damaged = createProver(flipped(keys.zkey, sectionStart(keys.zkey, section ?? 0) + (offset ?? 0)), {
        threads: 1,
      });
      try {
        const failure = await rejection(damaged.prove(squaringWitness(ROUNDS, 2n)), ProofError);
        expect(failure.code, `section ${section}`).to.equal("PROOF_INVALID");
      } finally {
        await damaged.close();
      }
    }
  });

  it("reads a key damaged at any byte, or answers with a typed error", () => {
    fc.assert(
      fc.property(fc.nat({ max: keys.zkey.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = keys.zkey.slice();
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        try {
          verificationKeyOfZkey(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(ToolchainError).with.property("code", "ZKEY_CORRUPT");
        }
      }),
    );
  });

  it("fails the proofs under way when it is closed, and every later one", async () => {
    const closing = createProver(keys.zkey);
    const underWay = rejection(closing.prove(squaringWitness(ROUNDS, 2n)), ToolchainError);
    await closing.close();
    await closing.close();
    expect((await underWay).code).to.equal("PROVER_CLOSED");
    expect((await rejection(closing.prove(squaringWitness(ROUNDS, 2n)), ToolchainError)).code).to.equal(
      "PROVER_CLOSED",
    );
  });
});

describe("a process that uses the snarkjs prover", function () {
  this.timeout(60_000);

  const root = new URL("../../../", import.meta.url);
  const script = (body: string): string => `
    import { createRequire, syncBuiltinESMExports } from "node:module";
    import { createProver, makeDeveloperKeys } from ${JSON.stringify(new URL("circuits/toolchain/index.ts", root).href)};
    import { squaringChain, squaringWitness } from ${JSON.stringify(new URL("test/circuits/toolchain/sample-circuit.ts", root).href)};
    // The prover forks: this notes its process, to send signals to.
    const childProcess = createRequire(import.meta.url)("node:child_process");
    const { fork } = childProcess;
    let proverProcess;
    childProcess.fork = (...args) => (proverProcess = fork(...args));
    syncBuiltinESMExports();
    const { zkey } = await makeDeveloperKeys(squaringChain(10));
    const prover = createProver(zkey);
    const prove = async () => console.log(String((await prover.prove(squaringWitness(10, 3n))).publicSignals[0]));
    ${body}`;
  let directory: string;
  before(async () => (directory = await mkdtemp(join(tmpdir(), "assay-test-"))));
  after(() => rm(directory, { recursive: true }));

  const run = async (body: string): Promise<string> => {
    const file = join(directory, "script.ts");
    await writeFile(file, script(body));
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
    return stdout;
  };

  it("ends by itself after close", async () => {
    expect(await run("await prove(); await prove(); await prover.close();")).to.equal("3\n3\n");
  });

  it("ends by itself even when it forgets to close an idle prover", async () => {
    expect(await run("await prove();")).to.equal("3\n");
  });

  it("finishes a proof although Ctrl-C reached the whole group of processes", async () => {
    const file = join(directory, "interrupted.ts");
    await writeFile(
      file,
      script(`
      await prove();
      process.on("SIGINT", () => console.log("interrupted"));
      const underWay = prove();
      process.kill(0, "SIGINT");
      await underWay;
      await prover.close();`),
    );
    // In a group of its own, so that its Ctrl-C does not reach this process.
    const group = spawn(process.execPath, [file], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const stdout = (await group.stdout.toArray()).join("");
    expect(stdout).to.equal("3\ninterrupted\n3\n");
  });

  it("leaves no process behind when it is killed itself", async () => {
    const file = join(directory, "killed.ts");
    await writeFile(
      file,
      script(`
      await prove();
      console.log(proverProcess.pid);
      process.kill(process.pid, "SIGKILL");`),
    );
    const stdout = await new Promise<string>((resolve) => {
      execFile(process.execPath, [file], (_killed, text) => resolve(text));
    });
    const child = Number(stdout.split("\n")[1]);
    expect(child).to.be.greaterThan(1);
    for (let waited = 0; waited < 5000 && isAlive(child); waited += 50) await setTimeout(50);
    expect(isAlive(child)).to.equal(false);
  });

  it("proves again after the prover's own process was killed, and only the proof under way is lost", async () => {
    const output = await run(`
      await prove();
      const lost = prove().catch((error) => console.log(error.code, error.retryable));
      process.kill(proverProcess.pid, "SIGKILL");
      await lost;
      await prove();
      await prover.close();`);
    expect(output).to.equal("3\nPROVER_CRASHED true\n3\n");
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x40;
  return copy;
}

/** Where a section's bytes begin: after its id (4 bytes) and length (8 bytes). */
function sectionStart(zkey: Uint8Array, wanted: number): number {
  const view = new DataView(zkey.buffer, zkey.byteOffset);
  for (let at = 12; at < zkey.length;) {
    const [id, length] = [view.getUint32(at, true), Number(view.getBigUint64(at + 4, true))];
    if (id === wanted) return at + 12;
    at += 12 + length;
  }
  throw new Error(`no section ${wanted}`);
}
