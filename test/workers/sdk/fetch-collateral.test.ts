import { expect } from "chai";
import { BrowserProvider, hexlify } from "ethers";

import { revocationList } from "../../../workers/tee/development/authority.ts";
import { tcbInfo } from "../../../workers/tee/development/collateral.ts";
import { type Client, fetchCollateral, parseDeployment, verifyQuote } from "../../../workers/sdk/index.ts";
import { quote, SIGNED_BY, signedCollateral } from "../../contracts/tee/development.ts";
import {
  bare,
  CA_CHAIN,
  CHAIN,
  connection,
  type Contracts,
  DATES,
  DAY,
  ethers,
  inspection,
  networkHelpers,
  REAL_QUOTES,
  served,
  SIGNERS,
  SPECS,
  underIntel,
} from "../../contracts/tee/fixture.ts";
import { verdict } from "../tee/verify/off-chain.ts";

const QUOTE = quote({ form: "td15-v5", chain: CHAIN });

async function collateralOf(base: Contracts, transactionData?: (data: string) => string) {
  const verifier = await base.verifier.getAddress();
  const provider = transactionData === undefined ? ethers.provider : lying(transactionData);
  const names = ["modelRegistry", "workerRegistry", "market", "receiptAnchors", "paymentChannels"];
  const others = ["enclaveRegistry", "groth16Verifier", "teeVerifier"];
  const places = Object.fromEntries([...names, ...others].map((name) => [name, verifier]));
  const client: Client = {
    provider,
    signer: undefined,
    deployment: parseDeployment({ chainId: 31337, fromBlock: 0, ...places }),
  };
  return fetchCollateral(client, { verifier });
}

/** A node that tells other calldata than was sent. */
const lying = (transactionData: (data: string) => string): Client["provider"] =>
  new BrowserProvider({
    async request({ method, params = [] }) {
      const args = Array.isArray(params) ? Array.from<unknown>(params) : [];
      const answer: unknown = await connection.provider.request({ method, params: args });
      const isTransaction = method === "eth_getTransactionByHash" && typeof answer === "object" && answer !== null;
      if (!isTransaction || !("input" in answer)) return answer;
      return { ...answer, input: transactionData(String(answer.input)) };
    },
  });

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "passes",
    (error: unknown) => (typeof error === "object" && error !== null && "code" in error ? error.code : error),
  );

describe("collateral out of what was posted on chain", () => {
  it("is what the contract holds quotes against", async () => {
    const base = await networkHelpers.loadFixture(served);
    const { collateral, now } = await collateralOf(base);
    const { report, status, byCollateral, listsCurrent } = await base.verifier.inspect(QUOTE);
    const found = verifyQuote(QUOTE, { collateral, now });
    expect(found).to.deep.include({ measurement: report.measurement, status: "UpToDate", simulated: true });
    expect([found.byCollateral, found.listsCurrent, found.validUntil]).to.deep.equal([
      byCollateral,
      listsCurrent,
      Number(report.validUntil),
    ]);
    expect(status).to.equal(1n);
  });

  it("has the deployment's root and policy", async () => {
    const base = await networkHelpers.loadFixture(underIntel);
    const { collateral, now } = await collateralOf(base);
    expect(collateral.isSimulated).to.equal(false);
    for (const real of Object.values(REAL_QUOTES)) expect(verdict(real, collateral, now)).to.equal("passes");
    await base.collateral.acceptStatuses(1 << 5);
    expect(verdict(REAL_QUOTES["SGX version 3"], (await collateralOf(base)).collateral, now)).to.equal(
      "TcbStatusRefused",
    );
  });

  it("is as empty as the contract's in the beginning", async () => {
    const base = await networkHelpers.loadFixture(bare);
    const { collateral, now } = await collateralOf(base);
    expect(verdict(QUOTE, collateral, now)).to.equal(await inspection(base, QUOTE));
    expect(verdict(QUOTE, collateral, now)).to.equal("TcbInfoMissing");
  });

  it("revokes what lists revoke that were entered in parts", async () => {
    const base = await networkHelpers.loadFixture(served);
    const list = revocationList({
      issuer: SIGNED_BY.platformCa,
      thisUpdate: DATES.issuedAt + 1,
      nextUpdate: DATES.nextUpdate + DAY,
      serials: [7n, SPECS.pck.serial],
    });
    await base.certificates.enterRevocations(CA_CHAIN, list, 1);
    const half = await collateralOf(base);
    expect(verdict(QUOTE, half.collateral, half.now)).to.equal("passes");
    await base.certificates.enterRevocations(CA_CHAIN, list, 1);
    const whole = await collateralOf(base);
    expect(verdict(QUOTE, whole.collateral, whole.now)).to.equal("CertificateRevoked");
    expect(await inspection(base, QUOTE)).to.equal("CertificateRevoked");
  });

  it("is read where another contract passed it on, and counts as it did then", async () => {
    const base = await networkHelpers.loadFixture(served);
    const later = { ...DATES, issuedAt: DATES.issuedAt + 60 };
    const [text, r, s] = signedCollateral({ ...tcbInfo(true, later), tcbLevels: [] });
    const data = base.collateral.interface.encodeFunctionData("postTcbInfo", [SIGNERS, text, r, s]);
    await base.manager.execute(base.collateral, data);
    const { collateral, now } = await collateralOf(base);
    expect(verdict(QUOTE, collateral, now)).to.equal("TcbStatusRefused");
    expect(await inspection(base, QUOTE)).to.equal("TcbStatusRefused");
  });

  it("is refused where a node changed a signed byte, or keeps the calldata back", async () => {
    const base = await networkHelpers.loadFixture(served);
    const from = hexlify(Buffer.from('"tcbEvaluationDataNumber":17')).slice(2);
    const to = hexlify(Buffer.from('"tcbEvaluationDataNumber":18')).slice(2);
    expect(await codeOf(collateralOf(base, (data) => data.replace(from, to)))).to.equal("CollateralSignature");
    expect(await codeOf(collateralOf(base, () => "0x"))).to.equal("COLLATERAL_UNREADABLE");
  });
});
