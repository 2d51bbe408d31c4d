import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import { concat, toBeHex } from "ethers";
import fc from "fast-check";

import { interfaceWords } from "../../circuits/format/interface-words.ts";
import { doubling } from "./doubling.ts";
import { deployed, networkHelpers } from "./fixture.ts";

const { BASE, ZERO } = bn254.G1.Point;
const BINDING_BITS = 248n;

/** A different, known point for each signal. */
const ic = (index: number) => BASE.multiply(BigInt(index * index + 2));

function encoded(point: typeof BASE): string {
  const { x, y } = point.toAffine();
  return concat([toBeHex(x, 32), toBeHex(y, 32)]);
}

/**
 * A key whose gamma is its delta, with which C = -X makes a proof of any signals at all. The verifier stores no such
 * key; here it shows for any number of signals which X the verifier comes to, without a circuit of that size.
 */
async function trapped(signals: readonly bigint[]) {
  const { key } = await doubling();
  const [alpha, beta, gamma] = [key.slice(0, 64), key.slice(64, 192), key.slice(192, 320)];
  const sum = signals.reduce(
    (total, signal, index) => (signal === 0n ? total : total.add(ic(index + 1).multiply(signal))),
    ic(0),
  );
  const points = Array.from({ length: signals.length + 1 }, (_, index) => encoded(ic(index)));
  return {
    code: concat(["0x00", alpha, beta, gamma, gamma, ...points]),
    proof: concat([alpha, beta, sum.equals(ZERO) ? new Uint8Array(64) : encoded(sum.negate())]),
  };
}

describe("the public signals of a proof", function () {
  this.timeout(60_000);

  it("are the binding and the words of circuits/format, for inputs and outputs of any length", async () => {
    const { groth16, stranger } = await networkHelpers.loadFixture(deployed);
    const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 0n, max: 2n ** BINDING_BITS - 1n }),
        bytes(100),
        bytes(70),
        fc.nat(),
        async (binding, input, output, at) => {
          const { code, proof } = await trapped([binding, ...interfaceWords(input, output)]);
          await networkHelpers.setCode(stranger.address, code);
          await groth16.verifyProof(stranger, binding, concat([proof, input, output]));

          const other = Uint8Array.from(output, (byte, index) => (index === at % output.length ? byte ^ 1 : byte));
          await expect(
            groth16.verifyProof(stranger, binding, concat([proof, input, other])),
          ).to.be.revertedWithCustomError(groth16, "ProofInvalid");
        },
      ),
      { numRuns: 25 },
    );
  });
});
