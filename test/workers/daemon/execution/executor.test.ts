import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect } from "chai";

import { AssayError } from "../../../../circuits/format/error.ts";
import type { NamedTensorSpec } from "../../../../circuits/format/manifest.ts";
import { packTensors, unpackTensors } from "../../../../circuits/format/tensor.ts";
import { POISON } from "./poison.ts";
import { executors, type TestExecutor } from "./start-executor.ts";

const spec = (name: string): NamedTensorSpec => ({ name, kind: "int", bits: 32, decimals: 0, shape: [1] });
const [INPUT, OUTPUT] = [spec("x"), spec("y")];

async function ask(executor: TestExecutor, x: bigint): Promise<bigint | undefined> {
  return unpackTensors([OUTPUT], await executor.run(packTensors([INPUT], [[x]])))[0]?.[0];
}

async function failure(attempt: Promise<unknown>): Promise<AssayError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

describe("an executor", function () {
  this.timeout(120_000);
  let all: Awaited<ReturnType<typeof executors>>;
  before(async () => (all = await executors()));
  after(() => all.closeAll());

  it("outlives a model that crashes its process: only that call fails, and the next one has a new process", async () => {
    const executor = await all.start(POISON.crashes, [INPUT], [OUTPUT]);
    expect(await ask(executor, 3n)).to.equal(-(2n ** 30n));
    const lost = await failure(ask(executor, 0n));
    expect(lost).to.include({ code: "EXECUTOR_CRASHED", retryable: true });
    expect(lost.message).to.contain("SIGFPE");
    expect(await ask(executor, 5n)).to.equal(-(2n ** 29n));
    expect(executor.faults).to.deep.equal(["EXECUTOR_CRASHED"]);
  });

  it("ends a model that never returns, and answers the calls that waited behind it", async () => {
    const executor = await all.start(POISON.hangs, [INPUT], [OUTPUT], { runSeconds: 3 });
    expect(await ask(executor, 7n)).to.equal(7n);
    const [lost, behind] = await Promise.all([failure(ask(executor, 0n)), ask(executor, 8n)]);
    expect(lost).to.include({ code: "EXECUTOR_TIMEOUT", retryable: true });
    expect(behind).to.equal(8n);
    expect(executor.faults).to.deep.equal(["EXECUTOR_TIMEOUT"]);
  });

  it("ends a model that holds more memory than its limit", async () => {
    const executor = await all.start(POISON.hoards, [INPUT], [OUTPUT], { memoryMegabytes: 512 });
    expect(await ask(executor, 7n)).to.equal(7n);
    const lost = await failure(ask(executor, 0n));
    expect(lost).to.include({ code: "EXECUTOR_MEMORY", retryable: true });
    expect(await ask(executor, 8n)).to.equal(8n);
    expect(executor.faults).to.deep.equal(["EXECUTOR_MEMORY"]);
  });

  it("tells in the process's own words what is wrong with a model or an input, which is no fault", async () => {
    const broken = await all.start(new Uint8Array([1, 2, 3]), [INPUT], [OUTPUT]);
    expect(await failure(broken.open())).to.include({ code: "UNEXPECTED" });
    expect(broken.faults).to.deep.equal([]);
    const narrow = { ...OUTPUT, bits: 4 };
    const executor = await all.start(POISON.crashes, [INPUT], [narrow]);
    expect(await failure(ask(executor, 4n))).to.include({ code: "EXECUTION_FAILED", retryable: false });
    expect(await failure(executor.run(new Uint8Array(3)))).to.include({ code: "TENSOR_LENGTH" });
    const question = { input: packTensors([INPUT], [[4n]]), binding: 1n, output: new Uint8Array(4) };
    expect(await failure(executor.prove(question))).to.include({ code: "MODEL_UNSUPPORTED" });
    expect(executor.faults).to.deep.equal([]);
  });

  it("finds a file that the disk damaged, has it fetched again, and runs", async () => {
    const executor = await all.start(POISON.crashes, [INPUT], [{ ...OUTPUT, bits: 16 }]);
    await writeFile(executor.path, "damaged");
    expect(await failure(executor.open())).to.include({ code: "CONTENT_MISMATCH", retryable: true });
    await executor.open();
    expect(executor.faults).to.deep.equal([]);
  });

  it("fails what is under way when it is closed, and every later call", async () => {
    const executor = await all.start(POISON.hangs, [INPUT], [OUTPUT]);
    await executor.open();
    const underWay = failure(ask(executor, 0n));
    await sleep(0);
    await executor.close();
    await executor.close();
    expect(await underWay).to.include({ code: "WORKER_STOPPING", retryable: true });
    expect(await failure(ask(executor, 7n))).to.include({ code: "WORKER_STOPPING" });
    expect(executor.faults).to.deep.equal([]);
  });
});

describe("an executor's process", function () {
  this.timeout(120_000);
  let all: Awaited<ReturnType<typeof executors>>;
  before(async () => (all = await executors()));
  after(() => all.closeAll());

  /** Runs a script that notes the executor's process id, and gives what it printed. */
  const run = async (body: string): Promise<string> => {
    const path = join(all.directory, "script.ts");
    const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    await writeFile(
      path,
      `
      import { createRequire, syncBuiltinESMExports } from "node:module";
      import { executors } from ${url("start-executor.ts")};
      import { POISON } from ${url("poison.ts")};
      import { packTensors } from ${url("../../../../circuits/format/tensor.ts")};
      const childProcess = createRequire(import.meta.url)("node:child_process");
      const { fork } = childProcess;
      let forked;
      childProcess.fork = (...args) => (forked = fork(...args));
      syncBuiltinESMExports();
      const spec = (name) => ({ name, kind: "int", bits: 32, decimals: 0, shape: [1] });
      const all = await executors(${JSON.stringify(all.directory)});
      const executor = await all.start(POISON.hangs, [spec("x")], [spec("y")]);
      const ask = (x) => executor.run(packTensors([spec("x")], [[x]]));
      await ask(7n);
      ${body}`,
    );
    return new Promise((resolve) => {
      execFile(process.execPath, [path], { env: { ...process.env, ASSAY_SECRET: "not for models" } }, (_killed, text) =>
        resolve(text),
      );
    });
  };

  it("ends with the worker, even one that was killed while a model would never return", async () => {
    const [pid = ""] = (
      await run(`
      void ask(0n);
      console.log(forked.pid);
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 500);`)
    ).split("\n");
    expect(Number(pid)).to.be.greaterThan(1);
    for (let tries = 0; tries < 1200 && isAlive(Number(pid)); tries++) await sleep(50);
    expect(isAlive(Number(pid))).to.equal(false);
  });

  it("lets a program end that forgets to close it", async () => {
    expect(await run(`console.log("the end");`)).to.equal("the end\n");
  });

  it("inherits no environment, in which there may be keys, and works in an empty directory", async () => {
    const text = await run(`
      const { readFileSync, readdirSync } = await import("node:fs");
      console.log(JSON.stringify({
        environment: readFileSync("/proc/" + forked.pid + "/environ", "utf8"),
        files: readdirSync("/proc/" + forked.pid + "/cwd"),
      }));`);
    expect(text).not.to.contain("ASSAY_SECRET");
    expect(JSON.parse(text)).to.deep.include({ files: [] });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
