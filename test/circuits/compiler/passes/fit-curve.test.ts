import { expect } from "chai";

import { piecewise } from "../../../../circuits/compiler/layers/piecewise.ts";
import { fitCurve } from "../../../../circuits/compiler/passes/fit-curve.ts";
import { erf } from "../../../../circuits/compiler/ops/elementwise/erf.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Smooth, saturating, asymptotically linear, with kinks, with poles, growing fast, oscillating. */
const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sigmoid,
  tanh: Math.tanh,
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  silu: (x) => x * sigmoid(x),
  softplus,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  hardswish: (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  exp: Math.exp,
  reciprocal: (x) => 1 / x,
  sqrt: Math.sqrt,
  log: Math.log,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  acos: Math.acos,
  atanh: Math.atanh,
};

const GRIDS = [
  { lo: -128, hi: 127, fraction: 4, unit: 1 },
  { lo: -1000, hi: 1000, fraction: 7, unit: 1 },
  { lo: -(2 ** 15), hi: 2 ** 15 - 1, fraction: 12, unit: 1 },
  { lo: 0, hi: 2 ** 14, fraction: 9, unit: 0.1 },
];

describe("fitting a curve", function () {
  this.timeout(20_000);

  for (const [name, of] of Object.entries(FUNCTIONS))
    it(`keeps ${name} within 1.375 units everywhere, held at the limit and at its domain's ends`, () => {
      for (const grid of GRIDS)
        for (const fraction of [0, 6, 10]) {
          const limit = 2 ** (fraction + 4);
          const table = fitCurve({ name, of }, grid, fraction, limit);
          const at = Float64Array.from({ length: grid.hi - grid.lo + 1 }, (_, index) => grid.lo + index);
          const layer = { kind: "piecewise", inputs: [0], size: at.length, ...table } as const;
          const found = piecewise.compute(layer, [at]);
          let worst = 0;
          at.forEach((z, index) => {
            const real = of((z * grid.unit) / 2 ** grid.fraction) * 2 ** fraction;
            if (Number.isNaN(real)) return;
            const held = Math.max(-limit, Math.min(limit, real));
            if (Number.isFinite(real)) worst = Math.max(worst, Math.abs((found[index] ?? 0) - held));
          });
          // Where it would take more than 128 pieces, the tolerance is doubled.
          expect(worst < (table.starts.length > 64 ? 3.2 : 1.375), `${worst} on ${JSON.stringify(grid)}`).to.equal(
            true,
          );
        }
    });

  it("counts what is nearer to a pole than one unit as that unit", () => {
    const grid = { lo: -300, hi: 300, fraction: 4, unit: 1 };
    const table = fitCurve({ name: "1/x", of: (x) => 1 / x }, grid, 6, 2 ** 20);
    const layer = { kind: "piecewise", inputs: [0], size: 3, ...table } as const;
    const found = [...piecewise.compute(layer, [Float64Array.of(-1, 0, 1)])];
    expect(found.map((value) => Math.abs(value - Math.sign(value) * 1024) < 2)).to.deep.equal([true, true, true]);
    expect(found.map(Math.sign)).to.deep.equal([-1, 1, 1]);
  });

  it("needs few pieces for what is flat or straight far out, however wide the interval", () => {
    for (const of of [sigmoid, softplus, Math.tanh]) {
      const pieces = [16, 20, 30].map(
        (bits) =>
          fitCurve({ name: "f", of }, { lo: -(2 ** bits), hi: 2 ** bits, fraction: 10, unit: 1 }, 8, 2 ** 30).starts
            .length,
      );
      expect(pieces.every((count) => count < 40 && count <= (pieces[0] ?? 0) + 2)).to.equal(true);
    }
  });

  it("sees a bend that hides between long straight runs", () => {
    const of = (x: number): number => Math.exp(-x * x);
    const table = fitCurve({ name: "bump", of }, { lo: -(2 ** 33), hi: 2 ** 33, fraction: 8, unit: 1 }, 8, 2 ** 20);
    const layer = { kind: "piecewise", inputs: [0], size: 1, ...table } as const;
    for (const z of [-700, -256, -1, 0, 3, 128, 900]) {
      const [found = 0] = piecewise.compute(layer, [Float64Array.of(z)]);
      expect(Math.abs(found - 256 * of(z / 256)) < 1.375).to.equal(true);
    }
  });

  it("is fast enough to be done in every step of a search", () => {
    const started = process.cpuUsage();
    for (let fraction = 4; fraction < 12; fraction++)
      for (const [name, of] of Object.entries(FUNCTIONS))
        fitCurve({ name, of: (x) => of(x) }, { lo: -40_000, hi: 40_000, fraction: 12, unit: 1 }, fraction, 2 ** 20);
    const each = process.cpuUsage(started).user / (8 * Object.keys(FUNCTIONS).length);
    expect(each < 20_000, `${each} microseconds`).to.equal(true);
  });
});
