import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Encoding, decodeBody, decodeMsgpack, encodeBody, encodeShared } from "../../../src/protocol/body.ts";
import { nested } from "./nested.ts";

function throughWire(value: unknown): unknown {
  const { encoding, bytes } = encodeBody(value);
  return decodeBody(encoding, Buffer.from(bytes));
}

describe("body", () => {
  test("strings, bytes and nothing travel as they are", () => {
    expect(encodeBody("é").encoding).toBe(Encoding.text);
    expect(encodeBody(new Uint8Array(2)).encoding).toBe(Encoding.bytes);
    expect(encodeBody(undefined)).toMatchObject({ encoding: Encoding.none, bytes: new Uint8Array(0) });
    expect(encodeBody(null).encoding).toBe(Encoding.msgpack);
  });

  test("whatever JSON can hold arrives as it was, -0 apart", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const expected: unknown = JSON.parse(JSON.stringify(value));
        if (!JSON.stringify(value).includes("__proto__")) expect(throughWire(value)).toEqual(expected);
      }),
    );
  });

  test.each([
    ["a date", new Date("2026-11-23T12:00:00.123Z")],
    ["a date before 1970", new Date(-1)],
    ["the last date", new Date(8.64e15)],
    ["the first date", new Date(-8.64e15)],
    ["a bigint", { big: -(2n ** 200n), zero: 0n }],
    ["NaN and infinities", [NaN, Infinity, -Infinity]],
    ["a key of JSON's prototype", { constructor: 1, toString: null }],
  ])("%s arrives as it was", (_name, value) => {
    expect(throughWire(value)).toEqual(value);
  });

  test("bytes inside a value stay bytes, other views become bytes", () => {
    const floats = new Float64Array([1.5]);
    const got = throughWire({ bytes: Uint8Array.of(1, 2), buffer: Buffer.from([3]), floats }) as Record<
      string,
      Uint8Array
    >;
    expect(Object.values(got).every((each) => each instanceof Uint8Array)).toBe(true);
    expect([...(got["bytes"] ?? [])]).toEqual([1, 2]);
    expect([...(got["buffer"] ?? [])]).toEqual([3]);
    expect([...(got["floats"] ?? [])]).toEqual([...new Uint8Array(floats.buffer)]);
  });

  test("undefined is left out of objects, is null in arrays; -0 is 0", () => {
    expect(throughWire({ a: undefined, b: 1 })).toEqual({ b: 1 });
    expect(throughWire([undefined, 1])).toEqual([null, 1]);
    expect(Object.is(throughWire(-0), 0)).toBe(true);
  });

  test("an instance of a class arrives as its own properties", () => {
    class Point {
      x = 1;
      get twice(): number {
        return this.x * 2;
      }
    }
    expect(throughWire(new Point())).toEqual({ x: 1 });
    expect(throughWire(Object.create(null))).toEqual({});
  });

  test.each<[string, unknown, RegExp]>([
    ["a Map", { m: new Map([[1, 2]]) }, /a Map would arrive empty/],
    ["a Set", new Set([1]), /a Set would arrive empty/],
    ["a promise", [Promise.resolve(1)], /a Promise would arrive empty/],
    ["an ArrayBuffer", new ArrayBuffer(3), /an? ArrayBuffer would arrive empty/],
    ["a regular expression", /x/, /a RegExp would arrive empty/],
    ["a URL", new URL("http://x"), /a URL would arrive empty/],
    ["an Error", new Error("x"), /an Error would lose its message/],
    ["an invalid date", { at: new Date(NaN) }, /an invalid Date/],
    ["a function", { f: () => 1 }, /function/i],
    ["a symbol", Symbol("s"), /symbol/i],
    ["a bigint over 1 KiB", 1n << 8_200n, /over the limit of 1024/],
  ])("%s is refused, and says why", (_name, value, message) => {
    expect(() => encodeBody(value)).toThrow(
      expect.objectContaining({
        name: "MeshError",
        code: "bad_request",
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  test("a cycle is refused", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(() => encodeBody(cycle)).toThrow(/cannot be sent/);
  });

  test("G2: 100 levels pass both ways, 101 are refused where they are made and where they are read", () => {
    for (const make of [nested.arrays, nested.objects]) {
      expect(throughWire(make(100, 1))).toEqual(make(100, 1));
      expect(() => encodeBody(make(101, 1))).toThrow(/cannot be sent/);
    }
    expect(() => decodeMsgpack(Buffer.from("91".repeat(101) + "01", "hex"))).toThrow(/deeper than 100/);
  });

  test("G2: whatever can be sent can be read, at the edge too", () => {
    for (let depth = 98; depth <= 103; depth++) {
      for (const innermost of [1, [], {}, { gone: undefined }]) {
        let bytes: Uint8Array;
        try {
          bytes = Buffer.from(encodeShared(nested.arrays(depth, innermost)));
        } catch {
          continue;
        }
        expect(() => decodeMsgpack(bytes)).not.toThrow();
      }
    }
  });

  test("a lone surrogate arrives as it was or as U+FFFD; the text around it is whole", () => {
    for (const padding of ["", "x".repeat(300)]) {
      for (const wrap of [(text: string) => text, (text: string) => ({ text })]) {
        const got = throughWire(wrap(`a${padding}\ud800b`));
        const text = typeof got === "string" ? got : (got as { text: string }).text;
        expect(text.startsWith(`a${padding}`)).toBe(true);
        expect(text.endsWith("b")).toBe(true);
        expect(text.slice(1 + padding.length, -1)).toMatch(/^(\ud800|\ufffd{1,3})$/);
      }
    }
  });

  test("a huge string arrives whole, and its buffer is not kept", () => {
    const text = "é".repeat(5_000_000);
    expect((throughWire({ text }) as { text: string }).text === text).toBe(true);
    expect(encodeShared(1).buffer.byteLength).toBeLessThan(4_200_000);
  });

  test("bytes that are not UTF-8 become U+FFFD, never an error", () => {
    expect(decodeBody(Encoding.text, Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
  });

  test("an extension type that nobody knows is kept as it is", () => {
    const foreign = Buffer.from("d42a07", "hex");
    const value = decodeMsgpack(foreign);
    expect(value).toMatchObject({ type: 42 });
    expect(Buffer.from(encodeShared(value)).equals(foreign)).toBe(true);
  });

  test("a getter that encodes something itself disturbs nothing", () => {
    const value = {
      a: 1,
      get b() {
        return encodeShared({ other: "x".repeat(100) }).length;
      },
      c: 3,
    };
    expect(throughWire(value)).toEqual({ a: 1, b: 109, c: 3 });
  });

  test("an error while encoding or decoding leaves both as good as new", () => {
    expect(() => encodeBody([1, Symbol("s")])).toThrow();
    expect(() => decodeMsgpack(Buffer.from("929001", "hex").subarray(0, 2))).toThrow();
    expect(throughWire([[], 1])).toEqual([[], 1]);
  });
});
