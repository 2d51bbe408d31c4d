import { expect } from "chai";

import { openPins, openSource, openStore } from "../../../workers/store/open-store.ts";
import { parseStoreAddress } from "../../../workers/store/store-address.ts";
import { failure } from "./failure.ts";

describe("the address of a store", () => {
  it("names each kind of store in its own way", () => {
    const parsed = [
      ".assay/artifacts",
      "ipfs:.assay/ipfs",
      "ipfs:/var/lib/assay",
      "kubo+http://127.0.0.1:5001",
      "https://gateway.example/ipfs/",
      "s3://models",
      "s3://models/a/b/?region=eu-central-1&endpoint=http%3A%2F%2F127.0.0.1%3A9000",
    ].map(parseStoreAddress);
    expect(parsed).to.deep.equal([
      { kind: "directory", path: ".assay/artifacts" },
      { kind: "ipfs", path: ".assay/ipfs" },
      { kind: "ipfs", path: "/var/lib/assay" },
      { kind: "kubo", url: "http://127.0.0.1:5001" },
      { kind: "http", url: "https://gateway.example/ipfs/" },
      { kind: "s3", bucket: "models", prefix: "" },
      { kind: "s3", bucket: "models", prefix: "a/b/", region: "eu-central-1", endpoint: "http://127.0.0.1:9000/" },
    ]);
  });

  it("is refused when it is of no kind, or names content instead of a store", () => {
    for (const [address, problem] of [
      ["", "is empty"],
      ["ftp://example.org", "of no kind that is known"],
      ["ipfs:", "names no directory"],
      ["ipfs://bafybeia3se6mjtfijs6ni4aqiapxk4q32er2rg4nwdpgjpwn3mj356oue4", "names content"],
      ["kubo+http://", "is no address"],
      ["s3://", "names no bucket"],
      ["s3://models?secret=1", "only region and endpoint"],
      ["s3://models?endpoint=file:///etc", "needs an http address"],
    ] as const)
      expect(() => parseStoreAddress(address), address).to.throw(problem);
  });

  it("is refused with credentials in it, and does not show them", () => {
    for (const address of ["kubo+https://me:hunter2@node.example", "https://me:hunter2@x.example", "s3://k:hunter2@b/"])
      expect(() => parseStoreAddress(address))
        .to.throw(/holds credentials/)
        .and.satisfy((error: Error) => !error.message.includes("hunter2"));
  });

  it("says when it can only be read, or pins nothing", async () => {
    expect((await failure(openStore("https://example.org/ipfs/"))).code).to.equal("STORE_READ_ONLY");
    expect((await failure(openPins(".assay/artifacts"))).code).to.equal("STORE_ADDRESS");
    expect(await openSource("https://example.org/ipfs/")).to.have.property("get");
  });
});
