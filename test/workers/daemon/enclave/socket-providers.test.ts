import type { ServerResponse } from "node:http";

import { expect } from "chai";

import { dstack, SOCKETS } from "../../../../workers/daemon/enclave/dstack.ts";
import { nitroBridge } from "../../../../workers/daemon/enclave/nitro-bridge.ts";
import type { QuoteProvider } from "../../../../workers/daemon/enclave/quote-provider.ts";
import { errorOf } from "./error-of.ts";
import { answer, type Asked, startSocketServer } from "./socket-server.ts";

const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
const REPORT_DATA_HEX = Buffer.from(REPORT_DATA).toString("hex");
const QUOTE = Uint8Array.from([4, 0, 2, 0, 0x81]);
const QUOTE_HEX = Buffer.from(QUOTE).toString("hex");

let close: () => Promise<void> = () => Promise.resolve();
afterEach(async () => {
  await close();
  close = () => Promise.resolve();
});

/** A server that answers so, for the test that asks. */
async function serving(respond: (asked: Asked, response: ServerResponse) => void) {
  const server = await startSocketServer(respond);
  close = () => server.close();
  return server;
}

interface Kind {
  readonly provider: (socket: string, timeout?: number) => QuoteProvider;
  readonly path: string;
  readonly body: object;
  /** The field that holds the quote. */
  readonly field: string;
}

const KINDS: Record<string, Kind> = {
  "dstack's guest agent": {
    provider: (socket, timeout = 10_000) => dstack({ sockets: [socket], timeout }),
    path: "/GetQuote",
    body: { report_data: REPORT_DATA_HEX },
    field: "quote",
  },
  "the bridge to Nitro's hardware": {
    provider: (socket, timeout = 10_000) => nitroBridge({ socket, timeout }),
    path: "/attestation",
    body: { userData: REPORT_DATA_HEX },
    field: "document",
  },
};

for (const [name, { provider, path, body, field }] of Object.entries(KINDS))
  describe(`quotes by ${name}`, () => {
    it("are asked for with the report data as they are, and taken with 0x or without", async () => {
      for (const quote of [QUOTE_HEX, `0x${QUOTE_HEX}`]) {
        const { socket, asked } = await serving((_, response) => answer(response, 200, { [field]: quote, more: "x" }));
        expect(await provider(socket).quote(REPORT_DATA)).to.deep.equal(QUOTE);
        expect(asked).to.deep.equal([{ path, body }]);
        await close();
      }
    });

    const failures: Record<string, readonly [respond: (response: ServerResponse) => void, code: string]> = {
      "an error is the answer": [(response) => answer(response, 500, { error: "no hardware" }), "QUOTE_REFUSED"],
      "an error is the answer, with the status of success": [
        (response) => answer(response, 200, { error: "no hardware" }),
        "QUOTE_REFUSED",
      ],
      "the status is one of failure": [(response) => answer(response, 403, { [field]: QUOTE_HEX }), "QUOTE_REFUSED"],
      "the answer is no JSON": [(response) => response.end("<html>"), "QUOTE_INVALID"],
      "there is no quote in the answer": [(response) => answer(response, 200, {}), "QUOTE_INVALID"],
      "the quote is no hexadecimal": [(response) => answer(response, 200, { [field]: "0xzz" }), "QUOTE_INVALID"],
      "the quote has half a byte": [(response) => answer(response, 200, { [field]: "abc" }), "QUOTE_INVALID"],
      "the quote is empty": [(response) => answer(response, 200, { [field]: "" }), "QUOTE_INVALID"],
      "the quote is too long": [(response) => answer(response, 200, { [field]: "00".repeat(16_385) }), "QUOTE_INVALID"],
      "the answer has no end": [endless, "QUOTE_INVALID"],
      "the connection breaks": [(response) => response.destroy(), "QUOTE_UNAVAILABLE"],
      "the connection breaks in the answer": [cutOff, "QUOTE_UNAVAILABLE"],
    };
    for (const [why, [respond, code]] of Object.entries(failures))
      it(`fail when ${why}: ${code}`, async () => {
        const { socket } = await serving((_, response) => respond(response));
        expect(await errorOf(provider(socket).quote(REPORT_DATA))).to.include({ code });
      });

    it("say what was answered instead", async () => {
      const { socket } = await serving((_, response) => answer(response, 500, { error: "no hardware" }));
      expect((await errorOf(provider(socket).quote(REPORT_DATA)))?.message).to.include("no hardware");
    });

    it("fail when nobody listens, or nothing is there: QUOTE_UNAVAILABLE", async () => {
      const { socket } = await serving(() => undefined);
      await close();
      close = () => Promise.resolve();
      expect(await errorOf(provider(socket).quote(REPORT_DATA))).to.include({ code: "QUOTE_UNAVAILABLE" });
    });

    it("fail when no answer comes in time: QUOTE_TIMEOUT", async () => {
      const { socket } = await serving(() => undefined);
      const error = await errorOf(provider(socket, 20).quote(REPORT_DATA));
      expect(error).to.include({ code: "QUOTE_TIMEOUT", retryable: true });
    });

    it("are over 64 bytes, and others are not asked for: REPORT_DATA_LENGTH", async () => {
      const { socket, asked } = await serving((_, response) => answer(response, 200, { [field]: QUOTE_HEX }));
      for (const length of [0, 63, 65])
        expect(await errorOf(provider(socket).quote(new Uint8Array(length)))).to.include({
          code: "REPORT_DATA_LENGTH",
        });
      expect(asked).to.deep.equal([]);
    });
  });

describe("quotes by an older guest agent of dstack", () => {
  it("are asked for as it knows it", async () => {
    const { socket, asked } = await serving(({ path }, response) =>
      path === "/prpc/Tappd.RawQuote" ? answer(response, 200, { quote: QUOTE_HEX }) : response.writeHead(404).end(),
    );
    expect(await dstack({ sockets: [socket] }).quote(REPORT_DATA)).to.deep.equal(QUOTE);
    expect(asked.map(({ path }) => path)).to.deep.equal(["/GetQuote", "/prpc/Tappd.RawQuote"]);
    expect(asked[1]?.body).to.deep.equal({ report_data: REPORT_DATA_HEX });
  });

  it("do not come from a server that is no guest agent: QUOTE_REFUSED", async () => {
    const { socket } = await serving((_, response) => response.writeHead(404).end());
    expect(await errorOf(dstack({ sockets: [socket] }).quote(REPORT_DATA))).to.include({ code: "QUOTE_REFUSED" });
  });

  it("are asked for where it listens, if the new places are empty", async () => {
    expect(SOCKETS).to.include.members(["/var/run/dstack.sock", "/var/run/tappd.sock"]);
    const { socket } = await serving((_, response) => answer(response, 200, { quote: QUOTE_HEX }));
    expect(await dstack({ sockets: [`${socket}.none`, socket] }).quote(REPORT_DATA)).to.deep.equal(QUOTE);
  });

  it("do not come from a machine without one, which says where it looked: QUOTE_UNAVAILABLE", async () => {
    const { socket } = await serving(() => undefined);
    const sockets = [`${socket}.one`, `${socket}.two`];
    const error = await errorOf(dstack({ sockets }).quote(REPORT_DATA));
    expect(error).to.include({ code: "QUOTE_UNAVAILABLE" });
    expect(error?.message).to.include(sockets[0]).and.to.include(sockets[1]);
  });
});

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(256 * 1024, 32);
  const more = () => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(more));
  };
  more();
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { "content-length": 1000 });
  response.write("{", () => response.destroy());
}
