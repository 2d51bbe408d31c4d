import { expect } from "chai";

import { createLogger, secretsOfUrl } from "../../../../workers/daemon/observe/logger.ts";
import { secretsIn } from "../../../../workers/cli/settings/secrets.ts";

const KEY = `0x${"aB".repeat(32)}`;

describe("the worker's log", () => {
  const linesOf = (secrets: readonly string[], write: (logger: ReturnType<typeof createLogger>) => void): string => {
    const lines: string[] = [];
    write(createLogger({ level: "debug", secrets, to: { write: (line) => void lines.push(line) } }));
    for (const line of lines) JSON.parse(line);
    return lines.join("");
  };

  it("shows no secret, whoever logs it and however it is spelt", () => {
    const text = linesOf([KEY, 'pass"word\\1'], (logger) => {
      logger.info({ error: `cannot use ${KEY}` }, `the key is ${KEY.slice(2)}`);
      logger.warn({ nested: { deep: [KEY.toLowerCase()] } }, KEY.toUpperCase().replace("0X", "0x"));
      logger.error({ error: 'wrong pass"word\\1' }, "refused");
      logger.child({ job: "0x01", of: KEY }).debug("of a job");
    });
    expect(text.toLowerCase()).not.to.include("ab".repeat(32));
    expect(text).not.to.match(/pass.{1,3}word/);
    expect(text).to.include("[redacted]");
    expect(text).to.include('"job":"0x01"');
  });

  it("hides what is called a secret, also one that nobody announced", () => {
    const text = linesOf([], (logger) => {
      logger.info({ privateKey: KEY, signer: { password: "unannounced" }, fact: { salt: "0x5a17" } }, "careless");
    });
    expect(text).not.to.match(/unannounced|5a17/);
    expect(text).not.to.include(KEY);
  });

  it("finds what is secret in the address of a service", () => {
    expect(secretsOfUrl("https://user:hunter22@node.example/")).to.include("hunter22");
    expect(secretsOfUrl("https://node.example/v3/0123456789abcdef0123")).to.deep.equal([
      "0123456789abcdef0123",
      "0123456789abcdef0123",
    ]);
    expect(secretsOfUrl("wss://node.example/ws?key=s3cr3ts")).to.include("s3cr3ts");
    expect(secretsOfUrl("http://127.0.0.1:8545")).to.deep.equal([]);
    expect(secretsOfUrl("not an address")).to.deep.equal([]);
  });

  it("finds what is secret anywhere in a configuration", () => {
    const found = secretsIn({
      rpc: ["https://a.example/v2/abcdefghijklmnopqrst"],
      enclave: { rootSecret: KEY, image: "harmless name" },
      key: { passwordFile: "/run/secrets/password", url: "http://u:p4ssw0rd@signer" },
      database: { url: "postgres://worker:t0ps3cret@db/assay" },
    });
    expect(found).to.include.members(["abcdefghijklmnopqrst", KEY, "p4ssw0rd", "t0ps3cret"]);
    expect(found).not.to.include.members(["harmless name"]);
    expect(found).not.to.include.members(["/run/secrets/password"]);
  });
});
