import { expect } from "chai";
import { hexlify, id } from "ethers";

import {
  certificateIn,
  joined,
  readChain,
  readList,
  readSigned,
  withIssuer,
} from "../../../../workers/tee/collateral/pcs-files.ts";
import { revocationList, type RootSecret } from "../../../../workers/tee/development/authority.ts";
import { signedCollateral, tcbInfo } from "../../../../workers/tee/development/collateral.ts";
import { developmentPlatform } from "../../../../workers/tee/development/development-platform.ts";
import { signersOf } from "../../../../workers/tee/development/platform.ts";

const SECRET: RootSecret = `0x${id("files of collateral").slice(2)}`;
const DATES = { issuedAt: 1_700_000_000, nextUpdate: 1_800_000_000 };
const { chains } = developmentPlatform(SECRET);
const signers = signersOf(SECRET);
const [text, r, s] = signedCollateral(tcbInfo(true, DATES), signers.collateralSigner);
const signature = Buffer.concat([r, s]).toString("hex");
const served = (content: string, name = "tcbInfo") => `{"${name}":${content},"signature":"${signature}"}`;
const list = revocationList({
  issuer: signers.platformCa,
  thisUpdate: DATES.issuedAt,
  nextUpdate: DATES.nextUpdate,
  serials: [5n],
});

describe("signed collateral as Intel serves it", () => {
  it("is taken to the byte as it was signed, with its signature", () => {
    const part = readSigned(served(text.toString()), "tcbInfo");
    expect(Buffer.from(part.text)).to.deep.equal(text);
    expect(Buffer.from(part.signature).toString("hex")).to.equal(signature);
  });

  it("may have spaces, braces and quotes in texts, and characters beyond ASCII", () => {
    const odd = '{ "a" : "}\\"{", "b": [{"c": "\\\\"}], "d": "é" }';
    for (const json of [served(odd), ` {\n "tcbInfo" : ${odd} , "signature" : "${signature}" }\n`])
      expect(Buffer.from(readSigned(json, "tcbInfo").text).toString("utf8")).to.equal(odd);
  });

  it("may be an identity", () => {
    expect(Buffer.from(readSigned(served("{}", "enclaveIdentity"), "enclaveIdentity").text).toString()).to.equal("{}");
  });

  const wrong: Record<string, string> = {
    "is no JSON": "{",
    "has no signature": '{"tcbInfo":{}}',
    "has half a signature": '{"tcbInfo":{},"signature":"00"}',
    "has a signature that is no hexadecimal": `{"tcbInfo":{},"signature":"${"zz".repeat(64)}"}`,
    "is something else": served("{}", "enclaveIdentity"),
    "is signed text": served('"text"'),
    "is null": "null",
  };
  for (const [why, json] of Object.entries(wrong))
    it(`is refused if it ${why}: COLLATERAL_FILE`, () => {
      expect(() => readSigned(json, "tcbInfo"))
        .to.throw()
        .with.property("code", "COLLATERAL_FILE");
    });
});

describe("chains of certificates", () => {
  const plain = Buffer.from(chains.collateralSigner).toString();

  it("come plain or percent-encoded, with any line ends, and go on chain in one form", () => {
    const forms = [plain, encodeURIComponent(plain), plain.replaceAll("\n", "\r\n"), plain.replaceAll(" ", "%20")];
    for (const form of forms) expect(Buffer.from(joined(readChain(form))).toString()).to.equal(plain);
  });

  it("are in the order of the file", () => {
    const [signer, root] = readChain(plain).map(certificateIn);
    expect(hexlify(signer?.point ?? "0x")).to.equal(hexlify(signers.collateralSigner.point));
    expect(hexlify(root?.point ?? "0x")).to.equal(hexlify(signers.root.point));
  });

  it("have a certificate at least, in base64: COLLATERAL_FILE", () => {
    for (const text of ["", "text", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----"])
      expect(() => readChain(text))
        .to.throw()
        .with.property("code", "COLLATERAL_FILE");
  });
});

describe("revocation lists", () => {
  it("come in DER, PEM and hexadecimal", () => {
    const pem = `-----BEGIN X509 CRL-----\n${list.toString("base64")}\n-----END X509 CRL-----\n`;
    for (const file of [
      list,
      Buffer.from(pem),
      Buffer.from(list.toString("hex")),
      Buffer.from(`${list.toString("hex")}\n`),
    ])
      expect(Buffer.from(readList(file))).to.deep.equal(list);
  });

  it("are entered with the part of the chain that begins with who issued them", () => {
    const chain = readChain(Buffer.from(chains.pck).toString());
    expect(Buffer.from(withIssuer(list, chain).issuerChain)).to.deep.equal(Buffer.from(chains.platformCa));
    const ofRoot = revocationList({
      issuer: signers.root,
      thisUpdate: DATES.issuedAt,
      nextUpdate: DATES.nextUpdate,
      serials: [],
    });
    expect(Buffer.from(withIssuer(ofRoot, chain).issuerChain)).to.deep.equal(Buffer.from(chains.root));
  });

  it("need their issuer in the chain: COLLATERAL_FILE", () => {
    expect(() => withIssuer(list, readChain(Buffer.from(chains.collateralSigner).toString())))
      .to.throw()
      .with.property("code", "COLLATERAL_FILE");
  });

  it("are refused if they are none: DerTruncated", () => {
    expect(() => withIssuer(Buffer.from("no list"), []))
      .to.throw()
      .with.property("code", "DerTruncated");
  });
});
