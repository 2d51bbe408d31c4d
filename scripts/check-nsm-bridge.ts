/**
 * Builds images/nitro/nsm-bridge with the machine's C compiler and talks to it, with a SIMULATED security module in place
 * of /dev/nsm. Not part of the tests: a machine may have no compiler. `CC` names another than cc.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { decode } from "cborg";

const source = join(import.meta.dirname, "../images/nitro/nsm-bridge");
const FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-O2"];
const compiler = process.env["CC"] ?? "cc";

interface Answer {
  readonly status: number | undefined;
  readonly body: unknown;
}

const directory = await mkdtemp(join(tmpdir(), "assay-nsm-"));
try {
  const build = (name: string, ...rest: readonly string[]) => {
    const program = join(directory, name);
    execFileSync(compiler, [...FLAGS, "-o", program, join(source, "nsm-bridge.c"), ...rest], { stdio: "inherit" });
    return program;
  };
  const real = build("nsm-bridge");
  const simulated = build(
    "nsm-bridge-simulated",
    join(source, "fake-nsm.c"),
    "-Wl,--wrap=ioctl",
    "-fsanitize=address,undefined",
  );
  await running(simulated, ["/dev/null"], checkProtocol);
  await running(real, ["/nowhere/nsm"], async (socket) =>
    assert.deepEqual(await post(socket, { userData: "00" }), { status: 503, body: { error: "NSM_UNAVAILABLE" } }),
  );
  // A device that is no security module.
  await running(real, ["/dev/null"], async (socket) =>
    assert.deepEqual(await post(socket, { userData: "00" }), { status: 503, body: { error: "NSM_UNAVAILABLE" } }),
  );
  console.log("nsm-bridge builds without warnings and answers as it should; /dev/nsm itself was simulated");
} finally {
  await rm(directory, { recursive: true });
}

async function checkProtocol(socket: string): Promise<void> {
  const userData = Uint8Array.from({ length: 64 }, (_, index) => index);
  const nonce = new Uint8Array(512).fill(7);
  const asked = async (body: object): Promise<unknown> => {
    const answer = await post(socket, body);
    assert.equal(answer.status, 200);
    const { document } = answer.body as { readonly document: string };
    return decode(Buffer.from(document.slice(2), "hex"));
  };
  const request = (given: Uint8Array, nonceGiven: Uint8Array | null) => ({
    Attestation: { user_data: given, nonce: nonceGiven, public_key: null },
  });
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  assert.deepEqual(await asked({ userData: hex(userData) }), request(userData, null));
  assert.deepEqual(await asked({ userData: `0x${hex(userData).toUpperCase()}` }), request(userData, null));
  assert.deepEqual(await asked({ nonce: hex(nonce), userData: hex(userData) }), request(userData, nonce));
  assert.deepEqual(await asked({ userData: "" }), request(new Uint8Array(), null));

  const invalid = [
    "",
    "{}",
    "[]",
    '{"userData":"0"}',
    '{"userData":"0g"}',
    '{"userData":"00","userData":"00"}',
    '{"userData":"00","other":"00"}',
    '{"userData":"00"',
    '{"userData":"00"}}',
    '{"userData":"00\\u0030"}',
    '{"userData":7}',
    '{"nonce":"00"}',
    JSON.stringify({ userData: "00".repeat(513) }),
  ];
  for (const text of invalid) {
    const { status, body } = await send(socket, "POST", "/attestation", text);
    assert.deepEqual({ status, body }, { status: text === "" ? 411 : 400, body: { error: "REQUEST_INVALID" } }, text);
  }
  for (const [method, path] of [
    ["GET", "/attestation"],
    ["POST", "/"],
    ["POST", "/attestations"],
  ] as const)
    assert.equal((await send(socket, method, path, "{}")).status, 404, `${method} ${path}`);
  assert.equal((await send(socket, "POST", "/attestation", " ".repeat(9000))).status, 413);

  const text = (word: string) => Buffer.from(word).toString("hex");
  assert.deepEqual(await post(socket, { userData: text("error") }), { status: 502, body: { error: "NSM_REFUSED" } });
  assert.deepEqual(await post(socket, { userData: text("fail") }), { status: 503, body: { error: "NSM_UNAVAILABLE" } });

  // One that goes away in the middle does not end the bridge.
  const rude = connect(socket);
  await once(rude, "connect");
  rude.end("POST /attestation HTTP/1.1\r\ncontent-length: 99\r\n\r\n{");
  rude.resume();
  await once(rude, "close");
  assert.equal((await post(socket, { userData: "00" })).status, 200);
}

async function running(
  program: string,
  args: readonly string[],
  use: (socket: string) => Promise<void>,
): Promise<void> {
  const socket = join(directory, "nsm.sock");
  const bridge = spawn(program, [socket, ...args], { stdio: "inherit" });
  try {
    while (!existsSync(socket)) await setTimeout(20);
    await use(socket);
    assert.equal(bridge.exitCode, null, "the bridge ended");
  } finally {
    const closed = once(bridge, "close");
    bridge.kill();
    await closed;
    await rm(socket, { force: true });
  }
}

function post(socket: string, body: object): Promise<Answer> {
  return send(socket, "POST", "/attestation", JSON.stringify(body));
}

function send(socketPath: string, method: string, path: string, text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, method, path, headers: { "content-length": Buffer.byteLength(text) } },
      (answer) => {
        let received = "";
        answer.setEncoding("utf8");
        answer.on("data", (piece: string) => (received += piece));
        answer.on("end", () => resolve({ status: answer.statusCode, body: JSON.parse(received) as unknown }));
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}
