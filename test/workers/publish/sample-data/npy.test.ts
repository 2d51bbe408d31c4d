import { expect } from "chai";
import fc from "fast-check";

import { parseNpy } from "../../../../workers/publish/sample-data/npy.ts";
import { NUMPY_FILES } from "./numpy-files.ts";
import { writeNpy } from "./write-npy.ts";

const fileOf = (name: keyof typeof NUMPY_FILES) => new Uint8Array(Buffer.from(NUMPY_FILES[name], "base64"));

function expectArray(name: keyof typeof NUMPY_FILES, shape: readonly number[], values: readonly number[]): void {
  const array = parseNpy(fileOf(name), name);
  expect(array.shape, name).to.deep.equal(shape);
  expect(Array.from(array.values), name).to.deep.equal(values);
}

describe("a .npy file", () => {
  it("is read as NumPy means it, in every element type, byte order, memory order and format", () => {
    const real = [1.5, -2, 3.25, 0, 4, -65504];
    expectArray("float16", [2, 3], real);
    expectArray("float32 big-endian", [2, 3], real);
    expectArray("float64 Fortran order", [2, 3], real);
    expectArray("format 2.0", [2, 3], real);
    expectArray("format 3.0", [2, 3], real);
    expectArray("int8", [3], [-128, 0, 127]);
    expectArray("uint8", [2], [0, 255]);
    expectArray("int16 big-endian", [2], [-32768, 32767]);
    expectArray("uint16", [2], [0, 65535]);
    expectArray("int32", [2], [-2147483648, 2147483647]);
    expectArray("uint32", [2], [0, 4294967295]);
    expectArray("int64", [2], [-9007199254740991, 5]);
    expectArray("uint64 big-endian", [2], [9007199254740991, 5]);
    expectArray("bool", [2], [1, 0]);
    expectArray(
      "three axes in Fortran order",
      [2, 3, 4],
      Array.from({ length: 24 }, (_, at) => at),
    );
    expectArray("scalar", [], [7]);
    expectArray("nothing", [0, 3], []);
  });

  it("gives back what was written, whatever the shape and order", () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(
        shapes,
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.double(), { minLength: 256, maxLength: 256 }),
        (shape, fortran, big, numbers) => {
          const values = numbers.slice(
            0,
            shape.reduce((a, b) => a * b, 1),
          );
          const array = parseNpy(writeNpy({ shape, values }, { fortran, big }), "written.npy");
          expect(array.shape).to.deep.equal(shape);
          expect(Array.from(array.values)).to.deep.equal(values);
        },
      ),
    );
  });

  it("is refused with the file's name when its elements are no numbers", () => {
    for (const name of ["complex", "text", "record"] as const)
      expect(() => parseNpy(fileOf(name), "my.npy"), name).to.throw(/^my\.npy: elements of type .* are not read/);
  });

  it("is refused when it is cut off, longer than it says, of an unknown format, or with another header", () => {
    const whole = writeNpy({ shape: [2, 3], values: [1, 2, 3, 4, 5, 6] });
    for (let length = 0; length < whole.length; length++)
      expect(() => parseNpy(whole.subarray(0, length), "cut.npy"), String(length)).to.throw(/^cut\.npy: /);
    expect(() => parseNpy(Uint8Array.of(...whole, 0), "long.npy")).to.throw("takes 48 bytes, the file holds 49");
    expect(() =>
      parseNpy(
        Uint8Array.from(whole, (byte, at) => (at === 6 ? 9 : byte)),
        "new.npy",
      ),
    ).to.throw("format 9");
    for (const header of ["", "{}", "{'descr': '<f8', 'shape': (2, 3), }", "[1]", "{'descr': '<f8', oops}"])
      expect(
        () => parseNpy(writeNpy({ shape: [2, 3], values: [1, 2, 3, 4, 5, 6] }, { header }), "odd.npy"),
        header,
      ).to.throw("the header is none that NumPy writes");
  });
});
