import { expect } from "chai";

import { type ArtifactSource, HttpStore, sourcesFor } from "../../../workers/sdk/index.ts";

const DIRECTORY = "ipfs://bafybeia3se6mjtfijs6ni4aqiapxk4q32er2rg4nwdpgjpwn3mj356oue4";

describe("sources for the address of a version", () => {
  const plain: ArtifactSource = { get: () => Promise.resolve(new Uint8Array()) };
  const gateway = new HttpStore("https://gateway.example/ipfs/");

  it("are the given ones and then the address, if that is on the web", () => {
    const [first, second, own, ...more] = sourcesFor("https://example.org/files", [plain, gateway]);
    expect([first === plain, second === gateway, own instanceof HttpStore, more.length]).to.deep.equal([
      true,
      true,
      true,
      0,
    ]);
  });

  it("are asked for an IPFS address before they search for a content id", () => {
    const [first, below, last, ...more] = sourcesFor(DIRECTORY, [gateway, plain]);
    expect([first === plain, last === gateway, more.length]).to.deep.equal([true, true, 0]);
    expect(below).to.be.instanceOf(HttpStore).and.not.equal(gateway);
  });

  it("are the given ones alone, if none of them reads such addresses", () => {
    for (const uri of [DIRECTORY, "", "ar://abc", "ipfs://no-cid"])
      expect(sourcesFor(uri, [plain]), uri).to.deep.equal([plain]);
  });
});
