import { Decoder, encode } from "@msgpack/msgpack";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_DEPTH, faultOf } from "../../../src/protocol/guard.ts";
import { mutated } from "./mutations.ts";

const decoder = new Decoder();
const value = fc.anything({ withBigInt: false, withDate: true, withTypedArray: true, maxDepth: 4 });

/** What the library makes of the bytes on its own: undefined when it takes them. */
function decoderFault(bytes: Uint8Array): string | undefined {
  try {
    decoder.decode(bytes);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("guard", () => {
  test("G3: whatever the encoder writes is sound, and is not when anything follows or is missing", () => {
    fc.assert(
      fc.property(value, (any) => {
        let bytes: Uint8Array;
        try {
          bytes = encode(any);
        } catch {
          return;
        }
        expect(faultOf(bytes, 0)).toBeUndefined();
        expect(faultOf(Buffer.concat([Uint8Array.of(7), bytes]), 1)).toBeUndefined();
        expect(faultOf(Buffer.concat([bytes, Uint8Array.of(0xc0)]), 0)).toBe("1 bytes follow the value");
        expect(faultOf(bytes.subarray(0, -1), 0)).toMatch(/cut short|exceeds/);
      }),
      { numRuns: 500 },
    );
  });

  test("G1, G3: what the decoder takes the guard takes, and what lacks bytes for the guard lacks them for the decoder", () => {
    fc.assert(
      fc.property(fc.oneof(mutated(value), fc.uint8Array({ maxLength: 40 })), (bytes) => {
        const guard = faultOf(bytes, 0);
        // A claim that the guard lets pass may be decoded; one that it refuses must not be tried: it may allocate 32 GiB.
        if (guard === undefined) {
          const fault = decoderFault(bytes);
          if (fault !== undefined) expect(fault).toMatch(/key|__proto__|timestamp|offset|bounds/i);
        } else if (!/count of/.test(guard)) expect(decoderFault(bytes)).toBeDefined();
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    [
      "arrays that each claim the whole input",
      () => Buffer.from("dd000fffff".repeat(90) + "c0".repeat(1_000_000), "hex"),
    ],
    ["a map of the same", () => Buffer.from("df0007ffff".repeat(90) + "c0".repeat(1_048_000), "hex")],
    ["strings that claim 4 GiB", () => Buffer.from("9f" + "dbffffffff".repeat(15), "hex")],
  ])("G1: %s allocate next to nothing", (_name, make) => {
    const bytes = make();
    const before = process.memoryUsage().heapUsed;
    expect(faultOf(bytes, 0)).toBeDefined();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_048_576);
  });

  test("G1: what passes allocates no more than a small multiple of its size", () => {
    const size = 500_000;
    for (const item of [0xc0, 0x80, 0x90, 0xa0]) {
      const bytes = Buffer.alloc(size + 5, item);
      bytes[0] = 0xdd;
      bytes.writeUInt32BE(size, 1);
      expect(faultOf(bytes, 0)).toBeUndefined();
      const before = process.memoryUsage().heapUsed;
      const decoded = decoder.decode(bytes);
      const grown = process.memoryUsage().heapUsed - before;
      expect(decoded).toHaveLength(size);
      expect(grown).toBeLessThan(100 * size);
    }
  });

  test("G2: containers that hold something nest 100 deep; an empty one nests nothing", () => {
    const arrays = (depth: number, innermost: string): Buffer =>
      Buffer.from("91".repeat(depth) + innermost, "hex");
    expect(faultOf(arrays(MAX_DEPTH, "c0"), 0)).toBeUndefined();
    expect(faultOf(arrays(MAX_DEPTH, "90"), 0)).toBeUndefined();
    expect(faultOf(arrays(MAX_DEPTH, "80"), 0)).toBeUndefined();
    expect(faultOf(arrays(MAX_DEPTH + 1, "c0"), 0)).toMatch(/deeper than 100/);
    expect(faultOf(arrays(1_000_000, "c0"), 0)).toMatch(/deeper than 100/);
  });

  test("every first byte but 0xC1 begins a value", () => {
    for (let head = 0; head < 256; head++) {
      const fault = faultOf(Uint8Array.of(head, ...new Uint8Array(300)), 0);
      if (head === 0xc1) expect(fault).toMatch(/0xc1 begins no/);
      else expect(fault ?? "").not.toMatch(/begins no/);
    }
  });
});
