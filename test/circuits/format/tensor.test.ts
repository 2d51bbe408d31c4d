import { expect } from "chai";
import fc from "fast-check";

import {
  assertTensorSpec,
  byteLength,
  ELEMENT_BITS,
  elementCount,
  elementRange,
  packTensor,
  packTensors,
  TensorError,
  type TensorErrorCode,
  type TensorSpec,
  unpackTensor,
  unpackTensors,
} from "../../../circuits/format/tensor.ts";

const numericSpec = fc.record({
  kind: fc.constantFrom("uint" as const, "int" as const, "label" as const),
  bits: fc.constantFrom(...ELEMENT_BITS),
  decimals: fc.integer({ min: 0, max: 18 }),
  shape: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
});

const valuesOf = (spec: TensorSpec): fc.Arbitrary<bigint[]> =>
  fc.array(fc.bigInt(elementRange(spec)), { minLength: elementCount(spec), maxLength: elementCount(spec) });

const filled = numericSpec.chain((spec) => fc.record({ spec: fc.constant(spec), values: valuesOf(spec) }));

const uint4: TensorSpec = { kind: "uint", bits: 4, decimals: 0, shape: [3] };
const int16: TensorSpec = { kind: "int", bits: 16, decimals: 2, shape: [2] };
const text: TensorSpec = { kind: "text", bits: 8, decimals: 0, shape: [5] };

describe("a packed tensor", () => {
  it("gives back what was packed, at exactly its length", () => {
    fc.assert(
      fc.property(filled, ({ spec, values }) => {
        const packed = packTensor(spec, values);
        expect(packed).to.have.length(byteLength(spec));
        expect(unpackTensor(spec, packed)).to.deep.equal(values);
      }),
    );
  });

  it("is the only encoding of its values: any bytes that unpack are packed again to themselves", () => {
    const bytes = numericSpec.chain((spec) =>
      fc.record({
        spec: fc.constant(spec),
        packed: fc.uint8Array({ minLength: byteLength(spec), maxLength: byteLength(spec) }),
      }),
    );
    fc.assert(
      fc.property(bytes, ({ spec, packed }) => {
        const padding = byteLength(spec) * 8 - elementCount(spec) * spec.bits;
        const last = packed.at(-1) ?? 0;
        if ((last & ((1 << padding) - 1)) !== 0) refuse("TENSOR_PADDING", () => unpackTensor(spec, packed));
        else expect(packTensor(spec, unpackTensor(spec, packed))).to.deep.equal(packed);
      }),
    );
  });

  it("is big-endian two's complement, without gaps, padded with zeros at the end", () => {
    expect(packTensor(uint4, [0xan, 0xbn, 0xcn])).to.deep.equal(Uint8Array.of(0xab, 0xc0));
    expect(packTensor(int16, [-2n, 258n])).to.deep.equal(Uint8Array.of(0xff, 0xfe, 0x01, 0x02));
    const bits: TensorSpec = { kind: "uint", bits: 1, decimals: 0, shape: [2, 5] };
    expect(packTensor(bits, [1n, 0n, 0n, 0n, 0n, 0n, 0n, 1n, 0n, 1n])).to.deep.equal(Uint8Array.of(0x81, 0x40));
  });

  it("refuses a value just outside its range and names the element", () => {
    fc.assert(
      fc.property(filled, fc.nat(), fc.boolean(), ({ spec, values }, position, above) => {
        const { min, max } = elementRange(spec);
        const index = position % values.length;
        const value = above ? max + 1n : min - 1n;
        const failure = refuse("TENSOR_RANGE", () => packTensor(spec, values.with(index, value)));
        expect(failure.message).to.equal(`element ${index} is ${value}, outside [${min}, ${max}]`);
        expect(failure.details).to.deep.include({ index, value: String(value) });
      }),
    );
  });

  it("refuses any padding bit that is set", () => {
    for (let bit = 0; bit < 4; bit++)
      refuse("TENSOR_PADDING", () => unpackTensor(uint4, Uint8Array.of(0xab, 0xc0 | (1 << bit))));
  });

  it("refuses a wrong number of elements or bytes", () => {
    refuse("TENSOR_LENGTH", () => packTensor(uint4, [1n, 2n]));
    refuse("TENSOR_LENGTH", () => packTensor(uint4, [1n, 2n, 3n, 4n]));
    refuse("TENSOR_LENGTH", () => unpackTensor(uint4, new Uint8Array(1)));
    refuse("TENSOR_LENGTH", () => unpackTensor(uint4, new Uint8Array(3)));
  });

  it("holds text of any length up to the longest", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), (bytes) => {
        const values = Array.from(bytes, BigInt);
        expect(packTensor(text, values)).to.deep.equal(bytes);
        expect(unpackTensor(text, bytes)).to.deep.equal(values);
      }),
    );
    refuse("TENSOR_LENGTH", () => packTensor(text, [1n, 2n, 3n, 4n, 5n, 6n]));
    refuse("TENSOR_LENGTH", () => unpackTensor(text, new Uint8Array(6)));
  });

  it("refuses text that is not made of bytes", () => {
    for (const value of [256n, -1n]) {
      const failure = refuse("TENSOR_RANGE", () => packTensor(text, [65n, value]));
      expect(failure.details).to.deep.include({ index: 1 });
    }
  });
});

describe("several packed tensors", () => {
  it("each begin on a byte and come back one by one", () => {
    expect(
      packTensors(
        [uint4, int16],
        [
          [1n, 2n, 3n],
          [-1n, 0n],
        ],
      ),
    ).to.deep.equal(Uint8Array.of(0x12, 0x30, 0xff, 0xff, 0, 0));
    fc.assert(
      fc.property(fc.array(filled, { minLength: 1, maxLength: 4 }), (tensors) => {
        const specs = tensors.map(({ spec }) => spec);
        const values = tensors.map((tensor) => tensor.values);
        expect(unpackTensors(specs, packTensors(specs, values))).to.deep.equal(values);
      }),
    );
  });

  it("must be as many as there are specs, and as long", () => {
    refuse("TENSOR_LENGTH", () => packTensors([uint4, int16], [[1n, 2n, 3n]]));
    refuse("TENSOR_LENGTH", () => packTensors([uint4], [[1n, 2n, 3n], [1n]]));
    refuse("TENSOR_LENGTH", () => unpackTensors([uint4, int16], new Uint8Array(5)));
    refuse("TENSOR_LENGTH", () => unpackTensors([uint4, int16], new Uint8Array(7)));
  });

  it("may be a single text shorter than its longest", () => {
    expect(unpackTensors([text], Uint8Array.of(104, 105))).to.deep.equal([[104n, 105n]]);
  });
});

describe("a tensor spec", () => {
  it("is accepted when the chain can store it", () => {
    fc.assert(fc.property(numericSpec, assertTensorSpec));
    assertTensorSpec(text);
  });

  it("is refused with another width, exponent or shape", () => {
    for (const wrong of [
      { ...uint4, bits: 3 },
      { ...uint4, bits: 128 },
      { ...uint4, decimals: 19 },
      { ...uint4, decimals: -1 },
      { ...uint4, decimals: 0.5 },
      { ...uint4, shape: [0] },
      { ...uint4, shape: [2, -1] },
      { ...uint4, shape: [1.5] },
      { ...uint4, shape: [2 ** 32] },
      { ...text, bits: 16 },
      { ...text, shape: [5, 5] },
    ])
      refuse("TENSOR_SPEC", () => {
        assertTensorSpec(wrong);
      });
  });
});

function refuse(code: TensorErrorCode, action: () => unknown): TensorError {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    expect(error.code).to.equal(code);
    return error;
  }
  throw new Error(`nothing was refused with ${code}`);
}
