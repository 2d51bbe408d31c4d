import { readFileSync } from "node:fs";

import { type Conformance, expectConforms } from "../conformance.ts";
import { expectTranslates } from "../translation.ts";

const MODELS = new URL("../../../fixtures/models/", import.meta.url);
const unit: Conformance = { inputs: [{ kind: "int", bits: 8, decimals: 2 }], draws: 4, unique: false };

/** Real exports of PyTorch: `export-attention.py` beside them says of what. */
for (const name of [
  "attention",
  "attention-causal",
  "transformer-encoder",
  "transformer-norm-first",
  "lstm-two-ways",
  "layer-norm-written",
])
  describe(`${name}.onnx`, function () {
    this.timeout(120_000);
    const onnx = readFileSync(new URL(`${name}.onnx`, MODELS));

    it("means what ONNX Runtime computes", () => expectTranslates(onnx, 3, 1e-4));

    it("stays close in integers", () => expectConforms(onnx, unit));
  });
