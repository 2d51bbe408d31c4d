import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import {
  createArtifactKey,
  LocalStore,
  makeKeyFile,
  openPins,
  readKeyFile,
  SealedSource,
} from "../../../workers/store/index.ts";
import { failureCodes, succeed } from "./run-cli.ts";

describe("assay store", function () {
  this.timeout(120_000);
  const bytes = new TextEncoder().encode("a model's weights");
  const cid = contentId(bytes);
  let home: string;
  let file: string;
  let pins: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-store-commands-"));
    [file, pins] = [join(home, "model.onnx"), `ipfs:${join(home, "ipfs")}`];
    await writeFile(file, bytes);
  });
  after(() => rm(home, { recursive: true }));

  it("keeps files in IPFS, lists what is pinned, reads it below its address, and gives it up", async () => {
    const { cids, uri } = await succeed(["store", "put", file, "--store", pins]);
    expect(cids).to.deep.equal([cid]);
    expect(await succeed(["store", "pins", "--store", pins])).to.deep.include({ pins: [uri] });
    const out = join(home, "copy");
    await succeed(["store", "get", cid, "--store", pins, "--uri", String(uri), "--out", out]);
    expect(await readFile(out)).to.deep.equal(Buffer.from(bytes));
    await succeed(["store", "unpin", String(uri), "--store", pins]);
    expect(await (await openPins(pins)).pins()).to.deep.equal([]);
  });

  it("seals files to workers' keys, and grants them to more later", async () => {
    const store = join(home, "public");
    const [first, second] = [join(home, "first.key"), join(home, "second.key")];
    const { publicKey: one } = await succeed(["store", "key", first, "--new"]);
    const { publicKey: two } = await makeKeyFile(second);
    const sealed = await succeed(["store", "seal", file, "--store", store, "--recipient", String(one)]);
    const widen = ["store", "grant", String(sealed.grant), "--store", store, "--recipient", two, "--key"];
    expect(await failureCodes([...widen, second])).to.deep.equal(["GRANT_OF_OTHERS"]);
    const { grant } = await succeed([...widen, first]);
    const key = await readKeyFile(second);
    const source = new SealedSource({ grant: String(grant), key, sources: [new LocalStore(store)] });
    expect(Array.from(await source.get(cid))).to.deep.equal(Array.from(bytes));
  });

  it("says what is wrong before it does anything", async () => {
    const { publicKey } = createArtifactKey();
    for (const [args, code] of [
      [["put", file, "--store", "https://example.org/ipfs/"], "STORE_READ_ONLY"],
      [["seal", file, "--store", home, "--recipient", "0x00"], "RECIPIENT_INVALID"],
      [["grant", "nothing", "--key", file, "--recipient", publicKey], "KEY_FILE"],
    ] as const)
      expect(await failureCodes(["store", ...args]), args.join(" ")).to.deep.equal([code]);
  });
});
