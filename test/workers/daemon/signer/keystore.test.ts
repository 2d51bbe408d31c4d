import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { encryptKeystoreJsonSync, Wallet } from "ethers";

import { keystoreAddress, openKeystore } from "../../../../workers/daemon/signer/keystore.ts";
import { signerErrorOf } from "./error-of.ts";

const KEY = `0x${"4b".repeat(32)}`;
const PASSWORD = "a word that passes";

describe("a key in an encrypted keystore", () => {
  let directory: string;
  const path = (name: string): string => join(directory, name);
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "assay-keystore-"));
    const { address } = new Wallet(KEY);
    // Little work, so that the test is short; who writes real ones asks for much.
    const json = encryptKeystoreJsonSync({ address, privateKey: KEY }, PASSWORD, { scrypt: { N: 1024 } });
    writeFileSync(path("good.json"), json);
    writeFileSync(path("damaged.json"), json.replace(/"ciphertext":"[^"]+"/, '"ciphertext":"zz"'));
    writeFileSync(path("other.json"), '{"version":3}');
  });
  after(() => rmSync(directory, { recursive: true }));

  it("is opened with its password", async () => {
    const wallet = await openKeystore(path("good.json"), PASSWORD);
    expect(wallet.address).to.equal(new Wallet(KEY).address);
    expect(await keystoreAddress(path("good.json"))).to.equal(wallet.address.toLowerCase());
  });

  it("is refused with another password, which the error does not show: KEYSTORE_PASSWORD_WRONG", async () => {
    const error = await signerErrorOf(openKeystore(path("good.json"), "another word"));
    expect(error.code).to.equal("KEYSTORE_PASSWORD_WRONG");
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.to.include("another word");
  });

  it("is refused when it is absent, damaged or something else: KEYSTORE_UNREADABLE", async () => {
    for (const name of ["absent.json", "damaged.json", "other.json"])
      expect((await signerErrorOf(openKeystore(path(name), PASSWORD))).code, name).to.equal("KEYSTORE_UNREADABLE");
  });
});
