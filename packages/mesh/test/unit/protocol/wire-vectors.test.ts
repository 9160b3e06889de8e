import { describe, expect, test } from "vitest";
import { decodeBody, decodeMsgpack, encodeBody } from "../../../src/protocol/body.ts";
import { decodeExtensions, encodeExtensions } from "../../../src/protocol/extensions.ts";
import { Frame, Kind, encodeFrame } from "../../../src/protocol/frame.ts";
import { decodeStats, encodeStats } from "../../../src/stats/message.ts";
import { wireVectors } from "./wire-vectors.ts";

const { bodies, extensions, frames, figures, malformed } = wireVectors();
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Buffer => Buffer.from(hex, "hex");
/** Bytes are bytes, whichever class holds them. */
function same(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: hexOf(value) };
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(same);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, same(item)]));
}

describe("golden vectors", () => {
  test.each(bodies)("body: $name", ({ encoding, hex, value }) => {
    const encoded = encodeBody(value);
    expect({ encoding: encoded.encoding, hex: hexOf(encoded.bytes) }).toEqual({ encoding, hex });
    expect(same(decodeBody(encoded.encoding, bytesOf(hex)))).toEqual(same(value));
  });

  test.each(extensions)("extensions: $name", ({ hex, fields }) => {
    expect(hexOf(encodeExtensions(fields) ?? new Uint8Array(0))).toBe(hex);
    expect(decodeExtensions(bytesOf(hex))).toEqual(fields);
  });

  test.each(frames)("frame: $name", ({ hex, kind, head, caller, requestId, extensions, encoding, body }) => {
    const encoded = encodeFrame(
      {
        kind: Kind[kind],
        ...head,
        ...(caller && { caller }),
        extensions: extensions && encodeExtensions(extensions),
      },
      body,
    );
    expect(hexOf(encoded)).toBe(hex);
    const frame = new Frame(bytesOf(hex));
    expect(frame).toMatchObject({
      kind: Kind[kind],
      call: head.call,
      value: head.value ?? 0,
      attempt: head.attempt ?? 0,
      moves: head.moves ?? 0,
      multi: head.multi ?? false,
      typed: head.typed ?? false,
      encoding,
    });
    if (requestId !== undefined) expect(hexOf(frame.requestId)).toBe(requestId);
    expect(decodeExtensions(frame.extensions)).toEqual(extensions ?? {});
    expect(same(frame.body())).toEqual(same(body));
  });

  test.each(figures)("figures: $name", ({ hex, message }) => {
    expect(hexOf(encodeStats(message))).toBe(hex);
    expect(decodeStats(bytesOf(hex))).toEqual(message);
  });

  test.each(malformed)("malformed $part: $name", ({ hex, part, message }) => {
    const read = {
      frame: (bytes: Buffer) => new Frame(bytes),
      extensions: decodeExtensions,
      body: decodeMsgpack,
    };
    expect(() => read[part](bytesOf(hex))).toThrow(
      expect.objectContaining({
        name: "MeshError",
        code: "bad_request",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});
