import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeTrace,
  encodeTrace,
  formatTraceparent,
  parseTraceparent,
} from "../../../src/protocol/trace.ts";

const T = "0af7651916cd43dd8448eb211c80319c";
const S = "b7ad6b7169203331";

describe("trace", () => {
  test.each<[string, boolean]>([
    [`00-${T}-${S}-01`, true],
    [`00-${T}-${S}-00`, false],
    [`00-${T}-${S}-ff`, true],
    [`  00-${T}-${S}-01 `, true],
    [`01-${T}-${S}-01-more`, true],
    [`cc-${T}-${S}-00`, false],
  ])("%s is read", (header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ traceId: T, spanId: S, sampled });
  });

  test.each([
    "",
    "nonsense",
    `ff-${T}-${S}-01`,
    `00-${T}-${S}-01-more`,
    `00-${T}-${S}-01-`,
    `00-${T}-${S}-1`,
    `00-${T.toUpperCase()}-${S}-01`,
    `00-${"0".repeat(32)}-${S}-01`,
    `00-${T}-${"0".repeat(16)}-01`,
    `00-${T}${S}-01`,
    `00-${T}-${S}-01x`,
  ])("%j is not, as the standard has it", (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test("as a header and as bytes, what is written is what is read", () => {
    const id = (length: number): fc.Arbitrary<string> =>
      fc
        .bigInt({ min: 1n, max: 16n ** BigInt(length) - 1n })
        .map((n) => n.toString(16).padStart(length, "0"));
    fc.assert(
      fc.property(fc.record({ traceId: id(32), spanId: id(16), sampled: fc.boolean() }), (trace) => {
        expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
        expect(encodeTrace(trace)).toHaveLength(25);
        expect(decodeTrace(encodeTrace(trace))).toEqual(trace);
      }),
    );
  });

  test("bytes of another length, or of zeros, are no trace", () => {
    expect(decodeTrace(new Uint8Array(25))).toBeUndefined();
    expect(decodeTrace(new Uint8Array(24).fill(1))).toBeUndefined();
    expect(decodeTrace(new Uint8Array(26).fill(1))).toBeUndefined();
  });
});
