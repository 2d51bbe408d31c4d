import { createHash } from "node:crypto";

import { expect } from "chai";
import fc from "fast-check";
import { CID } from "multiformats/cid";

import {
  assertContent,
  ContentError,
  contentId,
  contentIdOfDigest,
  digestOf,
  digestOfContentId,
} from "../../../circuits/format/content-id.ts";

const bytes = fc.uint8Array({ maxLength: 64 });

describe("a content id", () => {
  it("is the one that IPFS gives to the same raw block", () => {
    const hello = new TextEncoder().encode("hello world");
    expect(contentId(hello)).to.equal("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  });

  it("wraps the SHA-256 of the bytes and gives it back", () => {
    fc.assert(
      fc.property(bytes, (content) => {
        const digest = Uint8Array.from(createHash("sha256").update(content).digest());
        expect(digestOf(content)).to.deep.equal(digest);
        expect(contentIdOfDigest(digest)).to.equal(contentId(content));
        expect(Uint8Array.from(digestOfContentId(contentId(content)))).to.deep.equal(digest);
      }),
    );
  });

  it("accepts its own content and no other", () => {
    fc.assert(
      fc.property(bytes, bytes, (content, other) => {
        assertContent(contentId(content), content);
        if (Buffer.compare(content, other) !== 0)
          refuse("CONTENT_MISMATCH", () => {
            assertContent(contentId(content), other);
          });
      }),
    );
  });

  it("is refused when it is of another version, codec, hash or no id at all", () => {
    const { multihash } = CID.parse(contentId(Uint8Array.of(1)));
    const versionZero = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";
    const otherCodec = CID.createV1(0x70, multihash).toString();
    const otherHash = CID.createV1(0x55, { ...multihash, code: 0x1b, bytes: multihash.bytes.with(0, 0x1b) }).toString();
    for (const wrong of [versionZero, otherCodec, otherHash, "", "hello", contentId(Uint8Array.of(1)).slice(0, -1)]) {
      refuse("CONTENT_ID", () => digestOfContentId(wrong));
      refuse("CONTENT_ID", () => {
        assertContent(wrong, Uint8Array.of(1));
      });
    }
  });
});

function refuse(code: ContentError["code"], action: () => unknown): void {
  expect(action).to.throw(ContentError).with.property("code", code);
}
