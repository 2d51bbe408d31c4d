import { expect } from "chai";
import { hexlify } from "ethers";
import fc from "fast-check";

import { byteLength, ELEMENT_BITS, elementRange, packTensor, type TensorSpec } from "../../circuits/format/tensor.ts";
import { ethers } from "./fixture.ts";

const RUNS = { numRuns: 40 };

const tensor = fc
  .record({
    kind: fc.constantFrom("int", "uint"),
    bits: fc.constantFrom(...ELEMENT_BITS),
    size: fc.integer({ min: 1, max: 20 }),
  })
  .chain(({ kind, bits, size }) => {
    const spec: TensorSpec = { kind: kind === "int" ? "int" : "uint", bits, decimals: 0, shape: [size] };
    const element = fc.bigInt(elementRange(spec));
    return fc.record({ spec: fc.constant(spec), values: fc.array(element, { minLength: size, maxLength: size }) });
  });

describe("the libraries agree with circuits/format", function () {
  this.timeout(60_000);

  let harness: Awaited<ReturnType<typeof deploy>>;
  const deploy = () => ethers.deployContract("LibraryHarness");
  before(async () => (harness = await deploy()));

  it("on packed tensors, both ways", () =>
    fc.assert(
      fc.asyncProperty(tensor, async ({ spec, values }) => {
        const packed = hexlify(packTensor(spec, values));
        const isInt = spec.kind === "int";
        expect(
          await (isInt
            ? harness.getFunction("packInt")(values, spec.bits)
            : harness.getFunction("packUint")(values, spec.bits)),
        ).to.equal(packed);
        const read = isInt ? harness.getFunction("readInts") : harness.getFunction("readUints");
        const unpacked: unknown = await read(packed, values.length, spec.bits);
        expect(unpacked).to.deep.equal(values);
      }),
      RUNS,
    ));

  it("on what does not fit", async () => {
    for (const [values, bits] of [
      [[128n], 8],
      [[-129n], 8],
      [[2n], 2],
      [[1n << 63n], 64],
    ] as const)
      await expect(harness.getFunction("packInt")([...values], bits)).to.be.revertedWithCustomError(
        harness,
        "ElementOutOfRange",
      );
    await expect(harness.getFunction("packUint")([0n, 256n], 8))
      .to.be.revertedWithCustomError(harness, "ElementOutOfRange")
      .withArgs(1, 256, 8);
    await expect(harness.getFunction("packUint")([0n], 3))
      .to.be.revertedWithCustomError(harness, "ElementBits")
      .withArgs(3);
    await expect(harness.getFunction("readUints")("0x00", 9, 1))
      .to.be.revertedWithCustomError(harness, "ElementMissing")
      .withArgs(8, 1);
  });

  it("on the length of a tensor", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ELEMENT_BITS),
        fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3 }),
        async (bits, shape) => {
          const length = byteLength({ kind: "uint", bits, decimals: 0, shape });
          expect(await harness.getFunction("byteLength")({ kind: 0, bits, decimals: 0, shape })).to.equal(
            BigInt(length),
          );
        },
      ),
      RUNS,
    ));

  it("on tensors that cannot be", async () => {
    const spec = { kind: 0, bits: 8, decimals: 0, shape: [1] };
    const bad = [
      { ...spec, bits: 0 },
      { ...spec, bits: 3 },
      { ...spec, bits: 128 },
      { ...spec, decimals: 19 },
      { ...spec, shape: [2, 0] },
      { ...spec, shape: [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1] },
      { ...spec, kind: 3, bits: 16 },
      { ...spec, kind: 3, shape: [2, 2] },
    ];
    for (const impossible of bad) expect(await harness.getFunction("byteLength")(impossible)).to.equal(0n);
  });

  it("draw every place about equally often, over questions as over attempts", async () => {
    const draw = harness.getFunction("place");
    for (const nth of [
      (i: number) => draw(ethers.ZeroHash, ethers.toBeHex(i, 32), 0, 5),
      (i: number) => draw(ethers.ZeroHash, ethers.ZeroHash, i, 5),
    ]) {
      const counts = [0, 0, 0, 0, 0];
      for (let i = 0; i < 300; i++) {
        const place = Number(await nth(i));
        counts[place] = (counts[place] ?? 0) + 1;
      }
      for (const count of counts) expect(count).to.be.within(30, 95);
    }
  });
});
