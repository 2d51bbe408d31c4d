import { expect } from "chai";

import { readSamples } from "../../../../workers/publish/sample-data/read-samples.ts";
import { NUMPY_FILES } from "./numpy-files.ts";
import { writeNpy } from "./write-npy.ts";

const image = { name: "image", shape: [1, 2, 2] };
const x = { name: "x", shape: [1, 2] };
const y = { name: "y", shape: [1, 1] };

const json = (value: unknown) => ({ path: "s.json", bytes: new TextEncoder().encode(JSON.stringify(value)) });
const npy = (shape: readonly number[], values: readonly number[]) => ({
  path: "s.npy",
  bytes: writeNpy({ shape, values }),
});
const numpy = (name: keyof typeof NUMPY_FILES) => ({
  path: "s.npz",
  bytes: new Uint8Array(Buffer.from(NUMPY_FILES[name], "base64")),
});

describe("sample data", () => {
  it("in JSON is flat or nested arrays, or objects by input name, or texts for the adapter", () => {
    expect(readSamples(json([[1, 2, 3, 4]]), [image], null)).to.deep.equal([[1, 2, 3, 4]]);
    const nested = [
      [
        [1, 2],
        [3, 4],
      ],
      [[[5, 6], [7, 8]]], // prettier-ignore
    ];
    expect(readSamples(json(nested), [image], null)).to.deep.equal([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(readSamples(json([{ y: 3, x: [1, 2] }]), [x, y], null)).to.deep.equal([[1, 2, 3]]);
    expect(readSamples(json([[1, 2, 3]]), [x, y], null)).to.deep.equal([[1, 2, 3]]);
    const adapter = new TextEncoder().encode('{"kind":"phrase-presence","phrases":[" card "," lost "]}');
    expect(readSamples(json(["my card", [0, 1]]), [x], adapter)).to.deep.equal([
      [1, 0],
      [0, 1],
    ]);
    expect(() => readSamples(json(["my card"]), [x], null)).to.throw("no input adapter");
  });

  it("in a .npy counts samples along the first axis", () => {
    const eight = [1, 2, 3, 4, 5, 6, 7, 8];
    const expected = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ];
    for (const shape of [
      [2, 4],
      [2, 2, 2],
      [2, 1, 2, 2],
      [2, 2, 2, 1],
    ])
      // prettier-ignore
      expect(readSamples(npy(shape, eight), [image], null), shape.join()).to.deep.equal(expected);
  });

  it("in a .npz is by input name, in the order of the inputs, or one array for one input", () => {
    const expected = [
      [0, 1, 0],
      [2, 3, 1],
      [4, 5, 2],
    ];
    expect(readSamples(numpy("stored archive"), [x, y], null)).to.deep.equal(expected);
    expect(readSamples(numpy("deflated archive"), [x, y], null)).to.deep.equal(expected);
    expect(readSamples(numpy("deflated archive"), [y], null)).to.deep.equal([[0], [1], [2]]);
    expect(readSamples(numpy("archive without names"), [x], null)).to.deep.equal([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it("of another shape is refused, naming file, array, expected and found shape", () => {
    const pixels = { name: "pixels", shape: [1, 3, 2, 2] };
    const values = Array.from({ length: 24 }, () => 0);
    expect(() => readSamples(npy([2, 2, 2, 3], values), [pixels], null))
      .to.throw("s.npy: the array must be of shape [samples, 3, 2, 2]", "channels last are not channels first")
      .with.property("details")
      .that.deep.equals({ file: "s.npy", array: "", expected: ["samples", 3, 2, 2], found: [2, 2, 2, 3] });
    expect(() => readSamples(npy([4], [1, 2, 3, 4]), [image], null)).to.throw("it is [4]");
    expect(() => readSamples(npy([0, 4], []), [image], null)).to.throw("no samples");
    expect(() => readSamples(npy([1, 2], [1, 2]), [x, y], null)).to.throw("numpy.savez");
    expect(() => readSamples(numpy("stored archive"), [{ name: "z", shape: [2] }], null)).to.throw(
      's.npz: there is no array for the input "z"; it holds "x", "y"',
    );
    expect(() => readSamples(numpy("stored archive"), [{ name: "x", shape: [1, 3] }], null)).to.throw(
      'array "x" must be',
    );
    expect(() => readSamples(json([[1, 2], [1, 2, 3]]), [x], null)).to.throw('sample 1, input "x"'); // prettier-ignore
    expect(() => readSamples(json([[[1, 2], [3]]]), [image], null)).to.throw("[1] has 1 entries, others have 2");
    expect(() => readSamples(json([[[1, 2], 3]]), [image], null)).to.throw("holds 3 at [1]");
    expect(() => readSamples(json([{ x: [1, 2] }]), [x, y], null)).to.throw('sample 0 has nothing for the input "y"');
  });

  it("with anything but finite numbers is refused with the position", () => {
    expect(() => readSamples(npy([2, 2, 2], [0, 0, 0, 0, 0, 0, NaN, 0]), [image], null)).to.throw("NaN at [1, 1, 0]");
    expect(() => readSamples(npy([1, 4], [0, -Infinity, 0, 0]), [image], null)).to.throw("-Infinity at [0, 1]");
    expect(() => readSamples(json([[1, null]]), [x], null)).to.throw("holds null at [1]");
    expect(() => readSamples(json([[1, "2"]]), [x], null)).to.throw('holds "2" at [1]');
  });

  it("that is no sample data at all is refused with a code", () => {
    for (const value of [{}, [], 3, null, "text"])
      expect(() => readSamples(json(value), [x], null), JSON.stringify(value))
        .to.throw("JSON array")
        .with.property("code", "SAMPLES_INVALID");
    expect(() => readSamples({ path: "s.csv", bytes: new TextEncoder().encode("1,2\n3,4") }, [x], null)).to.throw(
      "s.csv: this is neither .npy nor .npz nor JSON",
    );
    expect(() => readSamples({ path: "s.npz", bytes: new TextEncoder().encode("PKxx") }, [x], null)).to.throw("no zip");
  });
});
