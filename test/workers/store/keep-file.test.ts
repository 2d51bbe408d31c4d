import { mkdir, mkdtemp, open, type FileHandle, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { keepFile, keepFiles } from "../../../workers/store/keep-file.ts";

const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => "nothing",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("a kept file", () => {
  let home: string;
  const at = (...names: string[]) => join(home, ...names);
  const text = (...names: string[]) => readFile(at(...names), "utf8");

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-keep-"));
  });
  afterEach(() => rm(home, { recursive: true }));

  it("takes the place of the one before, in a directory that is made if need be", async () => {
    for (const content of ["the first, which is longer", new TextEncoder().encode("the second")])
      await keepFile(at("made", "here", "file"), content);
    expect(await text("made", "here", "file")).to.equal("the second");
    expect(await readdir(at("made", "here"))).to.deep.equal(["file"]);
  });

  it("is for whom the mode says, even in the place of one for everybody", async () => {
    await writeFile(at("secret"), "open to all", { mode: 0o644 });
    await keepFile(at("secret"), "closed", { mode: 0o600 });
    expect((await stat(at("secret"))).mode & 0o777).to.equal(0o600);
  });

  it("is whole, one or the other, when two are written at once", async () => {
    const contents = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => keepFile(at("file"), content)));
    expect(contents).to.include(await text("file"));
    expect(await readdir(home)).to.deep.equal(["file"]);
  });

  it("is on disk before it has its name, and so is its name when the call returns", async () => {
    const probe = await open(at("probe"), "w");
    const handles = Object.getPrototypeOf(probe) as FileHandle;
    await probe.close();
    const { sync } = Object.getOwnPropertyDescriptors(handles);
    const seen: (readonly [kind: string, named: number])[] = [];
    handles.sync = async function (this: FileHandle) {
      const kind = (await this.stat()).isDirectory() ? "directory" : "file";
      const named = (await readdir(at("pair"))).filter((name) => name.length === 1).length;
      seen.push([kind, named]);
    };
    try {
      await keepFiles(at("pair"), [
        ["a", "1"],
        ["b", "2"],
      ]);
    } finally {
      Object.defineProperty(handles, "sync", sync);
    }
    expect(seen).to.deep.equal([
      ["file", 0],
      ["file", 0],
      ["directory", 2],
    ]);
  });

  it("is not there, nor are those written with it, if one of them cannot be written", async () => {
    await writeFile(at("a"), "before");
    const together = [
      ["a", "after"],
      [join("absent", "b"), "after"],
    ] as const;
    expect(await codeOf(keepFiles(home, together))).to.equal("ENOENT");
    expect(await text("a")).to.equal("before");
    expect(await readdir(home)).to.deep.equal(["a"]);
  });

  it("leaves nothing behind if something else has its name", async () => {
    await mkdir(at("taken", "inside"), { recursive: true });
    expect(await codeOf(keepFile(at("taken"), "content"))).to.equal("EISDIR");
    expect(await codeOf(keepFile(join(at("taken"), "inside"), "content"))).to.equal("EISDIR");
    expect(await readdir(home)).to.deep.equal(["taken"]);
    expect(await readdir(at("taken"))).to.deep.equal(["inside"]);
  });
});
