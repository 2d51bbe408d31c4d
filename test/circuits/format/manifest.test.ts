import { expect } from "chai";

import { contentId } from "../../../circuits/format/content-id.ts";
import {
  decodeManifest,
  encodeManifest,
  type Manifest,
  ManifestError,
  visibilityOf,
} from "../../../circuits/format/manifest.ts";

const file = { cid: contentId(Uint8Array.of(1)), bytes: 1 };
const manifest: Manifest = {
  assay: 1,
  name: "digits",
  model: file,
  inputs: [{ name: "pixels", kind: "uint", bits: 8, decimals: 0, shape: [28, 28] }],
  outputs: [{ name: "digit", kind: "label", bits: 8, decimals: 0, shape: [1] }],
  adapters: { input: null, output: file },
  circuit: {
    graph: file,
    zkey: file,
    verificationKey: file,
    constraints: 100,
    wires: 90,
    publicSignals: 30,
    keys: "dev",
  },
};

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("a manifest", () => {
  it("comes back from its bytes, with a circuit and without", () => {
    expect(decodeManifest(encodeManifest(manifest))).to.deep.equal(manifest);
    const withoutCircuit = { ...manifest, circuit: null };
    expect(decodeManifest(encodeManifest(withoutCircuit))).to.deep.equal(withoutCircuit);
  });

  it("says what is hidden, and nothing where everything is public", () => {
    const visibility = { input: "committed", output: "public", weights: "owner-held" } as const;
    const hiding = decodeManifest(encodeManifest({ ...manifest, visibility }));
    expect(visibilityOf(hiding)).to.deep.equal(visibility);
    expect(visibilityOf(manifest)).to.deep.equal({ input: "public", output: "public", weights: "constant" });
    refusal(text({ ...manifest, visibility: { ...visibility, input: "secret" } }));
    refusal(text({ ...manifest, visibility: { input: "public" } }));
  });

  it("is the same bytes in whatever order it was put together", () => {
    const { assay, name, model, inputs, outputs, adapters, circuit } = manifest;
    const reversed: Manifest = { circuit, adapters, outputs, inputs, model, name, assay };
    expect(encodeManifest(reversed)).to.deep.equal(encodeManifest(manifest));
  });

  it("is refused with every problem and where it is", () => {
    const wrong = {
      ...manifest,
      name: "",
      inputs: [{ ...manifest.inputs[0], bits: 3, shape: [0] }],
      circuit: { ...manifest.circuit, keys: "trusted" },
    };
    const failure = refusal(text(wrong));
    for (const path of ["name", "inputs.0.bits", "inputs.0.shape.0", "circuit.keys"])
      expect(failure.message).to.contain(`${path}: `);
    expect(failure.details["problems"]).to.have.length(4);
  });

  it("is refused with a field too many or too few, or of another version", () => {
    refusal(text({ ...manifest, trusted: true }));
    refusal(text({ ...manifest, inputs: [] }));
    refusal(text({ ...manifest, assay: 2 }));
    const { model, ...withoutModel } = manifest;
    expect(model).to.equal(file);
    refusal(text(withoutModel));
  });

  it("is refused when it is no JSON or no UTF-8", () => {
    refusal(new TextEncoder().encode("{"));
    refusal(Uint8Array.of(0x22, 0xff, 0x22));
  });

  it("is refused before it is written, too", () => {
    expect(() => encodeManifest({ ...manifest, name: "" }))
      .to.throw(ManifestError)
      .with.property("code", "MANIFEST_INVALID");
  });
});

function refusal(bytes: Uint8Array): ManifestError {
  try {
    decodeManifest(bytes);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    expect(error.code).to.equal("MANIFEST_INVALID");
    return error;
  }
  throw new Error("the manifest was accepted");
}
