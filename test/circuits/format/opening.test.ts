import { expect } from "chai";
import fc from "fast-check";

import { commit, drawSalt, outputSaltOf, toBytes } from "../../../circuits/format/commitment.ts";
import { AssayError } from "../../../circuits/format/error.ts";
import { poseidon } from "../../../circuits/format/poseidon.ts";
import { commitInput, openInput, openOutput } from "../../../circuits/format/opening.ts";
import { packTensors } from "../../../circuits/format/tensor.ts";
import { packOutput, type Visibility } from "../../../circuits/format/visibility.ts";

const SPEC = { name: "x", kind: "int", bits: 8, decimals: 0, shape: [40] } as const;
const specs = [{ ...SPEC, shape: [...SPEC.shape] }];
const tensors = fc.array(fc.bigInt({ min: -128n, max: 127n }), { minLength: 40, maxLength: 40 }).map((one) => [one]);
const modes: readonly Visibility[] = [
  { input: "committed", output: "public", weights: "constant" },
  { input: "public", output: "committed", weights: "constant" },
  { input: "committed", output: "committed", weights: "constant" },
];
const versionOf = (visibility?: Visibility) => ({
  inputs: specs,
  outputs: specs,
  ...(visibility && { visibility }),
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
  return "nothing";
}

describe("a commitment", () => {
  it("is the low 248 bits of the chain of hashes that is written down", () => {
    const bytes = Uint8Array.from({ length: 31 * 15 + 1 }, (_, index) => index % 251);
    const words = Array.from({ length: 16 }, (_, word) =>
      Array.from({ length: 31 }, (_, at) => BigInt(bytes[31 * word + at] ?? 0)).reduce(
        (sum, byte) => (sum << 8n) | byte,
        0n,
      ),
    );
    const first = poseidon([5n, ...words.slice(0, 15)], (1n << 64n) + BigInt(bytes.length));
    const hash = poseidon([first, ...words.slice(15)]);
    expect(commit("input", 5n, bytes)).to.deep.equal(toBytes(BigInt.asUintN(248, hash)));
  });

  it("tells purposes, salts, lengths and bytes apart", () => {
    const commitments = [
      commit("input", 1n, new Uint8Array(31)),
      commit("output", 1n, new Uint8Array(31)),
      commit("input", 2n, new Uint8Array(31)),
      commit("input", 1n, new Uint8Array(30)),
      commit("input", 1n, new Uint8Array(32)),
      commit("input", 1n, new Uint8Array(31).fill(1)),
    ].map(String);
    expect(new Set(commitments).size).to.equal(commitments.length);
    expect(drawSalt()).to.not.equal(drawSalt());
  });

  it("opens to the input that was committed to, in every mode", () => {
    for (const visibility of modes)
      fc.assert(
        fc.property(tensors, (values) => {
          const { input, preimage } = commitInput(versionOf(visibility), values);
          expect(openInput(versionOf(visibility), input, preimage).tensors).to.deep.equal(values);
          expect(input).to.have.lengthOf(visibility.input === "committed" ? 31 : 71);
        }),
        { numRuns: 3, seed: 1 },
      );
    const plain = commitInput(versionOf(), [specs.flatMap(() => Array.from({ length: 40 }, () => 1n))]);
    expect(plain.preimage).to.equal(null);
    expect(plain.input).to.have.lengthOf(40);
  });

  it("does not open to another input or salt, nor without its preimage", () => {
    const version = versionOf(modes[0]);
    const values = [Array.from({ length: 40 }, () => 7n)];
    const { input, preimage } = commitInput(version, values);
    if (preimage === null) throw new Error("a committed input has a preimage");
    const other = { ...preimage, packed: preimage.packed.map((byte, at) => (at === 39 ? byte ^ 1 : byte)) };
    expect(codeOf(() => openInput(version, input, other))).to.equal("COMMITMENT_MISMATCH");
    expect(codeOf(() => openInput(version, input, { ...preimage, salt: preimage.salt ^ 1n }))).to.equal(
      "COMMITMENT_MISMATCH",
    );
    expect(codeOf(() => openInput(version, input, { ...preimage, salt: -1n }))).to.equal("SALT_RANGE");
    expect(codeOf(() => openInput(version, input, null))).to.equal("SALT_MISSING");
  });

  it("shows an output to whoever gets the output's salt", () => {
    const version = versionOf(modes[2]);
    const values = [Array.from({ length: 40 }, (_, at) => BigInt(at))];
    const commitment = packOutput(modes[2] ?? expect.fail(), specs, values, 9n);
    const packed = packTensors(specs, values);
    expect(openOutput(version, commitment, { outputSalt: outputSaltOf(9n), packed })).to.deep.equal(values);
    expect(codeOf(() => openOutput(version, commitment, { outputSalt: 9n, packed }))).to.equal("COMMITMENT_MISMATCH");
  });
});
