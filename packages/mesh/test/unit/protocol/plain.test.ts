import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PlainShape, decodePlain, encodePlain } from "../../../src/protocol/plain.ts";
import { nested } from "./nested.ts";

const STRING: PlainShape = { kind: "string" };
const TEXT: PlainShape = { kind: "object", textProperty: "text" };
const OBJECT: PlainShape = { kind: "object", textProperty: undefined };
const OTHER: PlainShape = { kind: "other" };
const read = (text: string, shape: PlainShape): unknown => decodePlain(Buffer.from(text), shape);
const write = (value: unknown): string => Buffer.from(encodePlain(value)).toString();
const meshError = (code: string, message: RegExp): Error =>
  expect.objectContaining({
    name: "MeshError",
    code,
    message: expect.stringMatching(message) as string,
  }) as Error;

describe("a plain request", () => {
  test.each<[string, PlainShape, unknown]>([
    ["hello", STRING, "hello"],
    ['"hello"', STRING, "hello"],
    ["42", STRING, "42"],
    ['{"a":1}', STRING, '{"a":1}'],
    ["{not json", STRING, "{not json"],
    ["", STRING, ""],
    [" kept as typed \n", STRING, " kept as typed \n"],
    ["hello", TEXT, { text: "hello" }],
    ['"hello"', TEXT, { text: "hello" }],
    ["42", TEXT, { text: "42" }],
    ["null", TEXT, { text: "null" }],
    ["[not json", TEXT, { text: "[not json" }],
    [' {"text":"x","n":2}\n', TEXT, { text: "x", n: 2 }],
    ["[1]", TEXT, [1]],
    ["", TEXT, {}],
    ["  \n", TEXT, {}],
    ["hello", OBJECT, "hello"],
    ["42", OBJECT, 42],
    ["", OBJECT, {}],
    ["hello", OTHER, "hello"],
    ["42", OTHER, 42],
    ["null", OTHER, null],
    ["[1, 2]", OTHER, [1, 2]],
    ["{not json", OTHER, "{not json"],
    ["", OTHER, undefined],
  ])("%j, for %o, is %j", (text, shape, expected) => {
    expect(read(text, shape)).toEqual(expected);
  });

  test.each([TEXT, OBJECT])(
    "what begins like an object and is not valid JSON is a bad request that says where",
    (shape) => {
      expect(() => read('{"text": "x",}', shape)).toThrow(
        meshError("bad_request", /not valid JSON: .*position/),
      );
    },
  );

  test("bytes that are not UTF-8 are text with U+FFFD", () => {
    expect(decodePlain(Uint8Array.of(0x61, 0xff), STRING)).toBe("a\ufffd");
  });

  test("JSON is held to what a frame can hold: 100 levels, no __proto__", () => {
    const at = JSON.stringify(nested.objects(100, 1));
    expect(read(at, OTHER)).toEqual(nested.objects(100, 1));
    const over = JSON.stringify(nested.arrays(101, 1));
    expect(() => read(over, OTHER)).toThrow(meshError("bad_request", /deeper than 100/));
    expect(() => read("[".repeat(200_000) + "]".repeat(200_000), OTHER)).toThrow(
      meshError("bad_request", /deeper than 100/),
    );
    expect(() => read('{"a":[{"__proto__":{"admin":true}}]}', TEXT)).toThrow(
      meshError("bad_request", /__proto__/),
    );
    expect(read(over, STRING)).toBe(over);
  });

  test("any bytes end in a value or in `bad_request`", () => {
    const text = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc.json().map((json) => json.slice(0, -1)),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          text.map((each) => Buffer.from(each)),
          fc.uint8Array(),
        ),
        fc.constantFrom(STRING, TEXT, OBJECT, OTHER),
        (bytes, shape) => {
          try {
            decodePlain(bytes, shape);
          } catch (error) {
            expect(error).toMatchObject({ name: "MeshError", code: "bad_request" });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("a plain reply", () => {
  test.each<[string, unknown, string]>([
    ["text as it is", 'say "hi"', 'say "hi"'],
    ["nothing as nothing", undefined, ""],
    ["JSON", { a: [1, null, true] }, '{"a":[1,null,true]}'],
    ["a date as ISO 8601", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["a date alone", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a small bigint as a number", [7n], "[7]"],
    ["a large bigint as text", [2n ** 64n], '["18446744073709551616"]'],
    [
      "bytes inside as base64",
      { b: Uint8Array.of(1, 2, 255), c: Buffer.from("hi") },
      '{"b":"AQL/","c":"aGk="}',
    ],
    ["other views as the base64 of their bytes", { b: new Uint16Array([1]) }, '{"b":"AQA="}'],
    ["NaN, infinities and -0 as JSON has them", [NaN, Infinity, -0], "[null,null,0]"],
    ["undefined left out, null in arrays", { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ["an object by its own toJSON", { u: new URL("http://x/") }, '{"u":"http://x/"}'],
    ["empty strings, zero and false", ["", 0, false], '["",0,false]'],
    ["a lone surrogate inside, escaped", ["\ud800"], '["\\ud800"]'],
  ])("%s", (_name, value, expected) => {
    expect(write(value)).toBe(expected);
  });

  test("bytes are sent raw, as a copy", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const sent = encodePlain(bytes);
    bytes.fill(9);
    expect([...sent]).toEqual([1, 2, 3]);
    expect([...encodePlain(new Uint16Array([258]))]).toEqual([2, 1]);
  });

  test.each<[string, unknown, RegExp]>([
    ["a Map", { m: new Map([[1, 2]]) }, /a Map would arrive empty/],
    ["a Set", new Set([1]), /a Set would arrive empty/],
    ["a promise", [Promise.resolve(1)], /a Promise would arrive empty/],
    ["an Error", [new Error("x")], /an Error would lose/],
    ["an invalid date", [new Date(NaN)], /an invalid Date/],
  ])("%s is refused, as on a frame", (_name, value, message) => {
    expect(() => encodePlain(value)).toThrow(meshError("internal", message));
  });

  test("a cycle has no JSON form", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => encodePlain(cycle)).toThrow(meshError("internal", /no JSON form/));
    expect(() => encodePlain(nested.arrays(100_000, 1))).toThrow(meshError("internal", /no JSON form/));
  });

  test("what was written is read back, for everything that JSON can hold", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (typeof value === "string" || text.includes("__proto__")) return;
        expect(decodePlain(encodePlain(value), OTHER)).toEqual(JSON.parse(text));
      }),
    );
  });
});
