import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { hexlify, id, SigningKey } from "ethers";

import { account } from "../../../scripts/demo/accounts.ts";
import {
  blockToBind,
  findQuoteVerifier,
  makeEnrolment,
  simulatedQuoteProvider,
} from "../../../workers/daemon/index.ts";
import { createClient, openProvider, read } from "../../../workers/sdk/index.ts";
import { revocationList, type RootSecret } from "../../../workers/tee/development/authority.ts";
import { enclaveIdentity, signedCollateral, tcbInfo } from "../../../workers/tee/development/collateral.ts";
import { developmentPlatform } from "../../../workers/tee/development/development-platform.ts";
import { measurement } from "../../../workers/tee/development/image.ts";
import { signersOf } from "../../../workers/tee/development/platform.ts";
import { type LocalDeployment, startLocalDeployment } from "../../local-deployment.ts";
import { failureCodes, succeed } from "./run-cli.ts";

const SECRET: RootSecret = `0x${id("secret of the commands about enclaves").slice(2)}`;
const ENCLAVE = { provider: "simulated", rootSecret: SECRET, image: "tried by hand" };
const DAY = 86_400;
const WORKER = 3;

describe("assay tee enroll and collateral", function () {
  this.timeout(240_000);
  let home: string;
  let chain: LocalDeployment;
  let provider: ReturnType<typeof openProvider>;
  let place: readonly string[];
  let environment: Record<string, string>;

  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    await writeFile(join(home, name), content);
    return join(home, name);
  };
  const workerFile = (name: string, enclave: object | undefined): Promise<string> =>
    file(
      name,
      JSON.stringify({
        rpc: chain.url,
        deployment: join(home, "deployment.json"),
        directory: home,
        serve: [{ versionId: id("version"), levels: ["Tee"] }],
        enclave,
      }),
    );

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-tee-"));
    chain = await startLocalDeployment(SECRET);
    provider = openProvider(chain.url, chain.deployment);
    const deployment = await file("deployment.json", JSON.stringify(chain.deployment));
    place = ["--deployment", deployment, "--rpc", chain.url];
    environment = { ASSAY_PRIVATE_KEY: account(WORKER, provider).privateKey };
  });
  after(async () => {
    provider.destroy();
    await chain.close();
    await rm(home, { recursive: true });
  });

  describe("enroll", () => {
    it("enrols a fresh enclave for the key that pays, as a worker with that configuration would", async () => {
      const result = await succeed(["tee", "enroll", await workerFile("worker.json", ENCLAVE)], environment);
      const worker = account(WORKER, provider).address;
      expect(result).to.include({ worker, measurement: measurement(ENCLAVE.image), accepted: false, simulated: true });
      expect(Number(result["gasUsed"])).to.be.greaterThan(100_000);
      const client = await createClient({ provider, deployment: chain.deployment });
      const args = [String(result["enclaveKey"])] as const;
      const enclave = await read(client, { contract: "enclaveRegistry", functionName: "enclaveOf", args });
      expect(enclave).to.include({ worker, expiresAt: BigInt(Number(result["expiresAt"])) });
    });

    it("enrols by a quote and a signature that were made elsewhere", async () => {
      const { args, enclaveKey } = await elsewhere();
      const result = await succeed(["tee", "enroll", ...args, ...place], environment);
      expect(result).to.include({ enclaveKey, worker: account(7, provider).address, simulated: true });
    });

    it("says what is missing or wrong", async () => {
      const { args } = await elsewhere();
      const swap = (flag: string, value: string) => args.with(args.indexOf(flag) + 1, value);
      const good = await workerFile("good.json", ENCLAVE);
      const runs: Record<string, readonly [args: readonly string[], code: string]> = {
        "nothing to enrol": [place, "ENROLL_SOURCE"],
        "a part is missing": [[...args.slice(0, -2), ...place], "ENROLL_SOURCE"],
        "two sources": [[good, ...args], "ENROLL_SOURCE"],
        "no enclave": [[await workerFile("none.json", undefined)], "ENCLAVE_MISSING"],
        "no hardware": [
          [await workerFile("dstack.json", { provider: "dstack", socket: join(home, "none.sock") })],
          "QUOTE_UNAVAILABLE",
        ],
        "no file": [[...swap("--quote", join(home, "none")), ...place], "FILE_MISSING"],
        "an empty file": [[...swap("--quote", await file("empty", "")), ...place], "FILE_INVALID"],
        "another's signature": [
          [...swap("--key-signature", await file("zeros", "00".repeat(65))), ...place],
          "PossessionNotShown",
        ],
      };
      await Promise.all(
        Object.entries(runs).map(async ([why, [given, code]]) =>
          expect(await failureCodes(["tee", "enroll", ...given], environment), why).to.deep.equal([code]),
        ),
      );
    });

    /** A quote with its signature in files, for a worker that knows nothing of it. */
    async function elsewhere() {
      const client = await createClient({ provider, deployment: chain.deployment });
      const quoteProvider = simulatedQuoteProvider(ENCLAVE);
      const { id: verifierId } = await findQuoteVerifier(client, quoteProvider);
      const blockNumber = blockToBind(await provider.getBlockNumber(), 0);
      const key = new SigningKey(id(`key at block ${blockNumber}`));
      const worker = account(7, provider).address;
      const made = await makeEnrolment({ client, provider: quoteProvider, verifierId, key, worker, blockNumber });
      const args = [
        ...["--quote", await file("quote.bin", Buffer.from(made.quote.slice(2), "hex"))],
        ...["--key-signature", await file("signature.hex", `${made.keySignature}\n`)],
        ...["--enclave-key", made.enclaveKey, "--worker", worker],
        ...["--block", String(blockNumber), "--verifier", String(verifierId)],
      ];
      return { args, enclaveKey: made.enclaveKey };
    }
  });

  describe("collateral", () => {
    const signers = signersOf(SECRET);
    const { chains } = developmentPlatform(SECRET);
    const served = (name: string, content: object, signer = signers.collateralSigner): string => {
      const [text, r, s] = signedCollateral(JSON.stringify(content), signer);
      return `{"${name}":${text.toString()},"signature":"${hexlify(Buffer.concat([r, s])).slice(2)}"}`;
    };
    const now = Math.floor(Date.now() / 1000);
    const dates = { issuedAt: now - DAY / 2, nextUpdate: now + 60 * DAY };

    it("posts what the chain lacks, leaves what it has, and shows until when it has what", async () => {
      const list = revocationList({
        issuer: signers.platformCa,
        thisUpdate: dates.issuedAt,
        nextUpdate: dates.nextUpdate,
        serials: [7n, 8n, 9n],
      });
      const args = [
        ...["tee", "collateral", "--simulated", ...place],
        ...["--tcb-info", await file("tcb.json", served("tcbInfo", tcbInfo(true, dates)))],
        ...["--identity", await file("qe.json", served("enclaveIdentity", enclaveIdentity(true, dates)))],
        ...["--signer-chain", await file("signer.pem", encodeURIComponent(chains.collateralSigner.toString()))],
        ...["--crl", await file("pck.crl", list), "--crl-chain", await file("crl.pem", chains.platformCa)],
      ];
      const first = await succeed(args, environment);
      const gas = (result: Record<string, unknown>) =>
        (result["posted"] as readonly { readonly gasUsed: string | null }[]).map(({ gasUsed }) => gasUsed);
      expect(gas(first)).to.have.length(3);
      for (const gasUsed of gas(first)) expect(Number(gasUsed)).to.be.greaterThan(100_000);
      const found = first["chain"] as {
        readonly tcbInfos: readonly object[];
        readonly identities: readonly { readonly isTdx: boolean; readonly until: number }[];
        readonly lists: readonly { readonly until: number }[];
      };
      expect(found.tcbInfos).to.deep.equal([
        { isTdx: true, fmspc: "0x00806f050000", pceId: "0x0000", until: dates.nextUpdate },
      ]);
      expect(found.identities[0]).to.deep.equal({ isTdx: true, until: dates.nextUpdate });
      expect(found.lists[1]?.until).to.equal(dates.nextUpdate);

      const second = await succeed(args, environment);
      expect(gas(second)).to.deep.equal([null, null, null]);
      expect(second["chain"]).to.deep.equal(found);
    });

    it("shows, without a key and files, that a new deployment has nothing of Intel's", async () => {
      const { chain: found, posted } = await succeed(["tee", "collateral", ...place]);
      expect(posted).to.deep.equal([]);
      expect(found).to.deep.include({
        tcbInfos: [],
        identities: [
          { isTdx: true, until: 0 },
          { isTdx: false, until: 0 },
        ],
        listsRequired: true,
      });
    });

    it("says what is missing or wrong", async () => {
      const info = ["--tcb-info", await file("info.json", served("tcbInfo", tcbInfo(true, dates)))];
      const forged = [
        "--tcb-info",
        await file("forged.json", served("tcbInfo", tcbInfo(false, { ...dates, issuedAt: now }), signers.pck)),
      ];
      const signer = ["--signer-chain", await file("chain.pem", chains.collateralSigner)];
      const runs: Record<string, readonly [args: readonly string[], code: string]> = {
        "no chain": [info, "COLLATERAL_FILE"],
        "no file": [["--tcb-info", join(home, "none"), ...signer], "COLLATERAL_FILE"],
        "another file": [["--identity", info[1] ?? "", ...signer], "COLLATERAL_FILE"],
        "another's signature": [["--simulated", ...forged, ...signer], "CollateralSignature"],
        "another's root": [["--verifier", "0", ...info, ...signer], "RootUnknown"],
      };
      await Promise.all(
        Object.entries(runs).map(async ([why, [given, code]]) =>
          expect(await failureCodes(["tee", "collateral", ...given, ...place], environment), why).to.deep.equal([code]),
        ),
      );
    });
  });
});
