import { expect } from "chai";

import {
  AdapterError,
  LONGEST_TEXT,
  decodeOutput,
  encodeInput,
  normalizeText,
  parseInputAdapter,
  parseOutputAdapter,
  type InputAdapter,
  type OutputAdapter,
} from "../../../circuits/format/adapter.ts";

const input: InputAdapter = { kind: "phrase-presence", phrases: [" card ", " my card ", " deliv", " cant ", " cafe "] };
const output: OutputAdapter = { kind: "labels", labels: ["lost_card", "top_up"] };

describe("input adapter", () => {
  it("marks words, neighbours and beginnings of words", () => {
    expect(encodeInput(input, "When is my card delivered?")).to.deep.equal([1, 1, 1, 0, 0]);
    expect(encodeInput(input, "A discarded cardigan, undelivered")).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it("does not care about case, punctuation, line breaks, apostrophes or accents", () => {
    expect(encodeInput(input, "MY\n\t--card")).to.deep.equal(encodeInput(input, "my card"));
    for (const spelling of ["can't", "can’t", "cant", "CAN`T"]) expect(normalizeText(spelling)).to.equal(" cant ");
    for (const spelling of ["café", "cafe\u0301", "ｃａｆé"]) expect(encodeInput(input, spelling)[4]).to.equal(1);
    expect(normalizeText("ﬁancé")).to.equal(" fiance ");
  });

  it("gives zeros for text without a known phrase", () => {
    for (const text of ["", "   ", "?!", "zebra", "карта не пришла", "我的卡", "💳", "\ud800"])
      expect(encodeInput(input, text), JSON.stringify(text)).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it("ignores what lies beyond the longest text", () => {
    const filler = "x ".repeat(LONGEST_TEXT / 2);
    expect(encodeInput(input, `card ${filler}`)[0]).to.equal(1);
    expect(encodeInput(input, `${filler} card `)[0]).to.equal(0);
    expect(encodeInput(input, "card ".repeat(1_000_000))[0]).to.equal(1);
  });

  it("survives JSON unchanged", () => {
    expect(parseInputAdapter(JSON.parse(JSON.stringify(input)))).to.deep.equal(input);
  });

  it("refuses phrases that could never match, doubles, unknown kinds and unknown fields", () => {
    for (const phrases of [[" Card "], [" a  b "], [""], [" "], [" café "], [], [" card ", " card "]])
      expectCode("ADAPTER_INVALID", () => parseInputAdapter({ kind: "phrase-presence", phrases }));
    for (const json of [null, 1, "x", {}, { kind: "oracle" }, { ...input, more: 1 }])
      expectCode("ADAPTER_INVALID", () => parseInputAdapter(json));
  });
});

describe("output adapter", () => {
  it("names the label", () => {
    expect(decodeOutput(output, [1n])).to.equal("top_up");
  });

  it("refuses an index without a label", () => {
    for (const index of [-1n, 2n, 2n ** 64n]) expectCode("ADAPTER_LABEL_UNKNOWN", () => decodeOutput(output, [index]));
  });

  it("refuses anything but one element", () => {
    for (const values of [[], [0n, 1n]]) expectCode("ADAPTER_OUTPUT_LENGTH", () => decodeOutput(output, values));
  });

  it("survives JSON unchanged and refuses what is not an adapter", () => {
    expect(parseOutputAdapter(JSON.parse(JSON.stringify(output)))).to.deep.equal(output);
    for (const json of [undefined, [], { kind: "labels", labels: [] }, { kind: "labels", labels: [""] }])
      expectCode("ADAPTER_INVALID", () => parseOutputAdapter(json));
  });
});

function expectCode(code: string, act: () => unknown): void {
  expect(act).to.throw(AdapterError).that.includes({ code, retryable: false });
}
