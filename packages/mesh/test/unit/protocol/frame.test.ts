import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { Encoding } from "../../../src/protocol/body.ts";
import {
  Frame,
  HEADER_BYTES,
  Kind,
  MAGIC,
  REQUEST_HEADER_BYTES,
  callOf,
  encodeFrame,
  encodeFrameBytes,
  isFrame,
  patchRemaining,
} from "../../../src/protocol/frame.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: max });
const caller = fc.uint8Array({ minLength: 12, maxLength: 12 });
const kind = fc.constantFrom(...Object.values(Kind));

describe("frame", () => {
  test("F1: no text and no MessagePack begins with the magic byte", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        expect(Buffer.from(text)[0]).not.toBe(MAGIC);
      }),
    );
    expect(isFrame(new Uint8Array(0))).toBe(false);
    expect(isFrame(Buffer.from("{}"))).toBe(false);
    expect(isFrame(Uint8Array.of(MAGIC))).toBe(true);
  });

  test("F1: every frame begins with it", () => {
    fc.assert(
      fc.property(kind, bytes(40), (which, body) => {
        const head =
          which === Kind.request
            ? { kind: which, call: 1, caller: new Uint8Array(12) }
            : { kind: which, call: 1 };
        expect(isFrame(encodeFrameBytes(head, Encoding.bytes, body))).toBe(true);
      }),
    );
  });

  test("what is written is what is read", () => {
    const head = fc.record({
      call: u32,
      value: u32,
      attempt: fc.integer({ min: 0, max: 255 }),
      multi: fc.boolean(),
      typed: fc.boolean(),
      extensions: bytes(600),
    });
    const encoding = fc.constantFrom(...Object.values(Encoding));
    fc.assert(
      fc.property(kind, head, caller, encoding, bytes(300), (which, fields, id, how, body) => {
        const isRequest = which === Kind.request;
        const written = encodeFrameBytes(
          { kind: which, ...fields, ...(isRequest && { caller: id }) },
          how,
          body,
        );
        const frame = new Frame(written);
        const { extensions, ...rest } = fields;
        expect(frame).toMatchObject({ kind: which, ...rest, encoding: how });
        expect(Buffer.from(frame.extensions).equals(extensions)).toBe(true);
        expect(frame.hasExtensions).toBe(extensions.length > 0);
        expect(Buffer.from(frame.bodyBytes).equals(body)).toBe(true);
        expect(callOf(written)).toBe(fields.call);
        if (isRequest) expect(Buffer.from(frame.requestId.subarray(0, 12)).equals(id)).toBe(true);
      }),
    );
  });

  test("F2: reading a header never reaches outside the payload, whatever surrounds it", () => {
    fc.assert(
      fc.property(bytes(60), bytes(60), bytes(60), (before, inside, after) => {
        const whole = Buffer.concat([before, inside, after]);
        const view = new Uint8Array(whole.buffer, whole.byteOffset + before.length, inside.length);
        const alone = outcome(inside);
        expect(outcome(view)).toEqual(alone);
      }),
    );
  });

  test("F2: a frame whose extensions and body are nonsense is still read", () => {
    const nonsense = Buffer.from([0xff, 0xff, 0xff]);
    const frame = new Frame(
      encodeFrameBytes({ kind: Kind.result, call: 3, extensions: nonsense }, Encoding.msgpack, nonsense),
    );
    expect(frame.call).toBe(3);
    expect(() => frame.body()).toThrow(MeshError);
  });

  test("F3: any bytes end in a frame or in `bad_request`", () => {
    const almost = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), bytes(50))
      .map(([version, which, rest]) => Buffer.concat([Uint8Array.of(MAGIC, version, which), rest]));
    fc.assert(
      fc.property(fc.oneof(bytes(60), almost), (payload) => {
        try {
          const frame = new Frame(payload);
          frame.body();
        } catch (error) {
          expect(error).toMatchObject({ name: "MeshError", code: "bad_request" });
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("F3: every truncation of a whole frame without a body is refused", () => {
    const whole = encodeFrame({
      kind: Kind.request,
      call: 1,
      caller: new Uint8Array(12),
      extensions: new Uint8Array(5),
    });
    expect(whole).toHaveLength(REQUEST_HEADER_BYTES + 5);
    for (let length = 0; length < whole.length; length++) {
      expect(() => new Frame(whole.subarray(0, length))).toThrow(/^malformed frame: /);
    }
    expect(new Frame(whole).bodyBytes).toHaveLength(0);
  });

  test("the call's number is read from a frame of another version, to answer it", () => {
    const frame = encodeFrame({ kind: Kind.result, call: 77 });
    frame[1] = 9;
    expect(() => new Frame(frame)).toThrow(/version is 9 .* speaks version 1/);
    expect(callOf(frame)).toBe(77);
    expect(callOf(frame.subarray(0, 7))).toBe(0);
  });

  test("flags that are not known are passed over", () => {
    const frame = encodeFrame({ kind: Kind.chunk, call: 1 }, "text");
    frame[3] = (frame[3] as number) | 0xf0;
    frame[15] = 0xff;
    expect(new Frame(frame)).toMatchObject({ multi: false, typed: false });
    expect(new Frame(frame).body()).toBe("text");
  });

  test.each([
    [1_234.2, 1_235],
    [0, 0],
    [-5, 0],
    [0xffff_ffff + 10, 0xffff_ffff],
  ])("a remaining time of %d ms is patched in as %d, and nothing else changes", (remainingMs, expected) => {
    const frame = encodeFrame(
      { kind: Kind.request, call: 5, value: 9, attempt: 2, caller: new Uint8Array(12) },
      "body",
    );
    const before = Buffer.from(frame);
    patchRemaining(frame, remainingMs);
    expect(new Frame(frame).value).toBe(expected);
    before.copy(frame, 8, 8, 12);
    expect(Buffer.from(frame).equals(before)).toBe(true);
  });

  test("every byte of a header is written, whatever was in the memory before", () => {
    for (let i = 0; i < 200; i++) Buffer.allocUnsafe(100).fill(0xee);
    const frames = Array.from({ length: 50 }, () =>
      Buffer.from(encodeFrame({ kind: Kind.ping, call: 1 })).toString("hex"),
    );
    expect(new Set(frames)).toEqual(new Set(["c1010a00000000010000000000000000"]));
    expect(HEADER_BYTES).toBe(16);
  });
});

function outcome(payload: Uint8Array): unknown {
  try {
    const { kind: which, call, value, extensions, bodyBytes } = new Frame(payload);
    return { which, call, value, extensions: [...extensions], body: [...bodyBytes] };
  } catch (error) {
    return (error as Error).message;
  }
}
