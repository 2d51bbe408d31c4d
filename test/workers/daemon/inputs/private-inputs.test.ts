import { mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { commit } from "../../../../circuits/format/commitment.ts";
import { createPrivateInputs } from "../../../../workers/daemon/inputs/private-inputs.ts";

const preimageOf = (salt: bigint, length = 10) => {
  const packed = new Uint8Array(length).fill(3);
  return { commitment: commit("input", salt, packed), preimage: { salt, packed } };
};
const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => "nothing",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("private inputs", () => {
  let home: string;
  let directory: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-inputs-"));
    directory = join(home, "inputs");
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("are there after a restart, for this user alone", async () => {
    const { commitment, preimage } = preimageOf(5n);
    await createPrivateInputs({ directory }).keep(commitment, preimage);
    expect(await createPrivateInputs({ directory }).find(commitment)).to.deep.equal(preimage);
    expect((await stat(directory)).mode & 0o077).to.equal(0);
  });

  it("are kept under their own commitment only", async () => {
    const inputs = createPrivateInputs({ directory });
    expect(await codeOf(inputs.keep(preimageOf(6n).commitment, preimageOf(5n).preimage))).to.equal(
      "COMMITMENT_MISMATCH",
    );
    expect(await inputs.find(preimageOf(6n).commitment)).to.equal(null);
  });

  it("are refused when a file was damaged", async () => {
    const { commitment, preimage } = preimageOf(5n);
    const inputs = createPrivateInputs({ directory });
    await inputs.keep(commitment, preimage);
    const [name = ""] = await readdir(directory);
    await writeFile(join(directory, name), new Uint8Array(41));
    expect(await codeOf(inputs.find(commitment))).to.equal("COMMITMENT_MISMATCH");
  });

  it("fill no more than they may, and old ones make room", async () => {
    const inputs = createPrivateInputs({ directory, mostBytes: 100, keepSeconds: 60 });
    const [first, second, third] = [preimageOf(1n), preimageOf(2n), preimageOf(3n)];
    await inputs.keep(first.commitment, first.preimage);
    await inputs.keep(second.commitment, second.preimage);
    expect(await codeOf(inputs.keep(third.commitment, third.preimage))).to.equal("INPUTS_FULL");
    const longAgo = Date.now() / 1000 - 120;
    for (const name of await readdir(directory)) await utimes(join(directory, name), longAgo, longAgo);
    await inputs.keep(third.commitment, third.preimage);
    expect(await inputs.find(first.commitment)).to.equal(null);
    expect(await inputs.find(third.commitment)).to.deep.equal(third.preimage);
  });
});
