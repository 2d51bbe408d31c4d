import { expect } from "chai";
import { hexlify } from "ethers";

import {
  certificatesToRemember,
  inspectNitroDocument,
  parseNitroDocument,
} from "../../../../workers/tee/nitro/index.ts";
import { AWS_ROOT, bare, deployUnder, networkHelpers, outcome, REAL_DOCUMENTS, startChain } from "./fixture.ts";

describe("documents that hardware of AWS signed", function () {
  this.timeout(60_000);

  for (const [name, { document, time }] of Object.entries(REAL_DOCUMENTS))
    it(`verify up to the root of AWS, and say the same off chain: ${name}`, async () => {
      const base = await deployUnder(AWS_ROOT, await startChain(time));
      expect(await base.verifier.isSimulated()).to.equal(false);
      const parsed = parseNitroDocument(document);
      expect(hexlify(parsed.bundle[0] ?? new Uint8Array(0))).to.equal(hexlify(AWS_ROOT));
      const others = certificatesToRemember(parsed);
      expect(others).to.have.length(4);
      for (const { id, issuer, certificate } of others) {
        await base.certificates.remember(certificate, issuer);
        expect((await base.certificates.certificateOf(id)).issuer).to.equal(issuer);
      }

      const found = await base.verifier.inspect(document);
      const offChain = inspectNitroDocument(document, { now: time });
      expect(found.measurement).to.equal(offChain.measurement);
      expect(found.certificate).to.equal(offChain.certificate);
      expect(found.timestamp).to.equal(BigInt(offChain.timestamp));
      expect([found.userData, found.nonce, found.publicKey]).to.deep.equal([
        offChain.userData,
        offChain.nonce,
        offChain.publicKey,
      ]);
      expect([found.isDebug, offChain.isDebug, offChain.simulated]).to.deep.equal([
        name === "debug",
        name === "debug",
        false,
      ]);
      const { notBefore, notAfter } = await base.certificates.signerOf(offChain.certificate);
      expect([notBefore, notAfter]).to.deep.equal([BigInt(offChain.notBefore), BigInt(offChain.notAfter)]);
    });

  it("are refused under another root", async () => {
    const base = await networkHelpers.loadFixture(bare);
    const { document } = REAL_DOCUMENTS.production;
    const { bundle, certificate } = parseNitroDocument(document);
    const root = await base.certificates.ROOT();
    for (const der of [bundle[1], certificate])
      expect(await outcome(base, base.certificates, "remember", der, root)).to.equal("IssuerMismatch");
    expect(await outcome(base, base.verifier, "inspect", document)).to.equal("CertificateUnknown");
  });
});
