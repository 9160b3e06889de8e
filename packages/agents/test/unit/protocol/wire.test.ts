import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeChunk, responsesOf } from "../../../src/protocol/chunk.ts";
import { decodeFailure, encodeFailure } from "../../../src/protocol/failure.ts";
import { tokenOf } from "../../../src/protocol/identity.ts";
import { decodePrompt, encodePrompt } from "../../../src/protocol/prompt.ts";
import { bytesOf, sizeText } from "../../../src/protocol/size.ts";
import { CODE_HEADER, TEXT_HEADER } from "../../../src/protocol/terms.ts";
import { MeshError } from "@shoal/mesh";

const ANY = { maxPayload: Infinity, attachmentsOk: true };
const filename = fc.stringMatching(/^[\w .-]{1,40}$/).filter((name) => !/^\.{1,2}$/.test(name));
const attachments = fc.array(fc.record({ filename, content: fc.uint8Array() }), { maxLength: 3 });

describe("a prompt", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), attachments, (text, files) => {
        const decoded = decodePrompt(encodePrompt({ text, attachments: files }), ANY);
        expect(decoded.text).toBe(text);
        expect(
          decoded.attachments.map(({ filename, content }) => ({
            filename,
            content: Uint8Array.from(content),
          })),
        ).toEqual(files);
      }),
    );
  });

  it("is text unless it begins like JSON", () => {
    expect(decodePrompt(Buffer.from('"quoted"'), ANY)).toEqual({
      text: '"quoted"',
      attachments: [],
      extras: {},
    });
    expect(decodePrompt(Buffer.from("[1]"), ANY).text).toBe("[1]");
    expect(decodePrompt(Buffer.from(' \n{"prompt":"a","session":"s","n":{"m":1}}'), ANY)).toEqual({
      text: "a",
      attachments: [],
      extras: { session: "s", n: { m: 1 } },
    });
  });

  it("is refused with a MeshError, or taken, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (payload) => {
          try {
            expect(decodePrompt(payload, ANY).text).not.toBe("");
          } catch (error) {
            expect(error).toMatchObject({ name: "MeshError", code: "bad_request" });
          }
        },
      ),
    );
  });

  it("is measured against what the endpoint takes", () => {
    const terms = { maxPayload: 4, attachmentsOk: true };
    expect(decodePrompt(Buffer.from("four"), terms).text).toBe("four");
    expect(() => decodePrompt(Buffer.from("five5"), terms)).toThrow("takes 5 bytes, and at most 4B");
  });
});

describe("a response", () => {
  it("is whole where it fits, else in pieces that fit and that say the same", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 2_000 }),
        fc.integer({ min: 100, max: 3_000 }),
        (text, limit) => {
          // Half of a pair of surrogates is no text.
          fc.pre(text.isWellFormed());
          const payloads = [...responsesOf(text, limit)];
          for (const payload of payloads) expect(payload.length).toBeLessThanOrEqual(limit);
          const chunks = payloads.map((payload) => decodeChunk(payload));
          expect(chunks.map((chunk) => (chunk?.type === "response" ? chunk.text : "?")).join("")).toBe(text);
        },
      ),
    );
  });

  it("is one message where that is possible", () => {
    expect([...responsesOf("x".repeat(70), 100)]).toHaveLength(1);
  });
});

describe("an error", () => {
  it("has a header on one line of ASCII, however it is worded", () => {
    const { headers, payload } = encodeFailure(
      new MeshError("overloaded", `zu\r\nviel – ${"x".repeat(300)}`),
    );
    expect(headers[CODE_HEADER]).toBe("429");
    expect(headers[TEXT_HEADER]).toMatch(/^zu viel \? x+\.\.\.$/);
    expect(headers[TEXT_HEADER]).toHaveLength(200);
    expect(decodeFailure("429", headers[TEXT_HEADER], payload)).toMatchObject({
      code: "overloaded",
      message: `zu\r\nviel – ${"x".repeat(300)}`,
    });
  });

  it("says something where the agent said nothing", () => {
    expect(decodeFailure("500", undefined, new Uint8Array(0)).message).toBe(
      "the agent failed with 500 and did not say why.",
    );
  });
});

it("a token is what is left of a text", () => {
  expect(tokenOf("Jane.Doe@Example", "owner")).toBe("jane-doe-example");
  expect(tokenOf("$sys", "owner")).toBe("sys");
  expect(tokenOf("a_b-c9", "owner")).toBe("a_b-c9");
  expect(tokenOf("x".repeat(70), "owner")).toHaveLength(63);
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        expect(tokenOf(text, "owner")).toMatch(/^[a-z0-9_-]{1,63}$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_request" });
      }
    }),
  );
});

it("sizes are of base 1,024", () => {
  expect(["1MB", "512kb", " 3 B", "2GB", "1.5MB", "", "MB"].map(bytesOf)).toEqual([
    1_048_576,
    524_288,
    3,
    2_147_483_648,
    undefined,
    undefined,
    undefined,
  ]);
  fc.assert(
    fc.property(fc.nat(), (bytes) => {
      expect(bytesOf(sizeText(bytes))).toBe(bytes);
    }),
  );
});
