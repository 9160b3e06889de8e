import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Extensions, decodeExtensions, encodeExtensions } from "../../../src/protocol/extensions.ts";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
    bytes[0] = 1;
    return Buffer.from(bytes).toString("hex");
  });
const agent = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const fields: fc.Arbitrary<Extensions> = fc.record(
  {
    replica: fc.stringMatching(/^[A-Za-z0-9_-]{1,60}$/),
    chain: fc.array(agent, { minLength: 1, maxLength: 8 }),
    idempotencyKey: fc.string({ minLength: 1, maxLength: 100 }),
    trace: fc.record({ traceId: hex(16), spanId: hex(8), sampled: fc.boolean() }),
    window: fc.integer({ min: 1, max: 0xffff_ffff }),
    method: agent,
    avoid: fc.array(agent, { minLength: 1, maxLength: 4 }),
    retries: fc.integer({ min: 0, max: 255 }),
    undegraded: fc.constant(true),
    from: fc.integer({ min: 1, max: 0xffff_ffff }),
    priority: fc.constantFrom("high", "low"),
    tokens: fc.integer({ min: 1, max: 0xffff_ffff }),
    metadata: fc.record({ servedBy: fc.record({ agent, replica: agent }), cost: fc.integer() }),
  },
  { requiredKeys: [] },
);
const code = (is: string): Error => expect.objectContaining({ name: "MeshError", code: is }) as Error;

describe("extensions", () => {
  test("what is written is what is read", () => {
    fc.assert(
      fc.property(fields, (given) => {
        const bytes = encodeExtensions(given);
        if (bytes === undefined) expect(given).toEqual({});
        else expect(decodeExtensions(bytes)).toEqual(given);
      }),
    );
  });

  test("nothing to say takes no bytes", () => {
    expect(encodeExtensions({})).toBeUndefined();
    expect(encodeExtensions({ chain: [], idempotencyKey: "", replica: undefined })).toBeUndefined();
    expect(decodeExtensions(new Uint8Array(0))).toEqual({});
  });

  test("any bytes end in fields or in `bad_request`", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          decodeExtensions(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "MeshError", code: "bad_request" });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("an unknown tag is passed over, unless it is critical", () => {
    const known = encodeExtensions({ replica: "r-1" }) as Uint8Array;
    const more = Buffer.from("7f0002abcd", "hex");
    expect(decodeExtensions(Buffer.concat([more, known, more]))).toEqual({ replica: "r-1" });
    expect(() => decodeExtensions(Buffer.from("810000", "hex"))).toThrow(/extension 129, which this peer/);
  });

  test("a known tag whose value makes no sense is passed over", () => {
    const senseless = [
      "010000",
      "020000",
      "030000",
      "0400020000",
      "05000101",
      "050005" + "01".repeat(5),
      "040019" + "00".repeat(25),
      "0c000100",
      "0c000103",
      "0c00020101",
    ];
    for (const each of senseless)
      expect(Object.values(decodeExtensions(Buffer.from(each, "hex"))).filter(Boolean)).toEqual([]);
  });

  test("of a tag that comes twice the last one counts", () => {
    const twice = Buffer.concat(
      [encodeExtensions({ window: 1 }) ?? "", encodeExtensions({ window: 2 }) ?? ""].map(Buffer.from),
    );
    expect(decodeExtensions(twice)).toEqual({ window: 2 });
  });

  test.each(["a b", "a.b", "a\r\nPUB x 0", "*", ">", "é", "x".repeat(256)])(
    "a replica that calls itself %j is nobody: its id becomes part of a subject",
    (replica) => {
      expect(decodeExtensions(encodeExtensions({ replica }) as Uint8Array)).toEqual({});
    },
  );

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 32])("a window of %d is a bad request", (window) => {
    expect(() => encodeExtensions({ window })).toThrow(code("bad_request"));
  });

  test("metadata that fits no frame is too large, one field or all together", () => {
    expect(() => encodeExtensions({ idempotencyKey: "x".repeat(65_536) })).toThrow(code("too_large"));
    const half = "x".repeat(40_000);
    expect(() => encodeExtensions({ idempotencyKey: half, chain: [half] })).toThrow(code("too_large"));
    expect(encodeExtensions({ idempotencyKey: "x".repeat(65_532) })).toHaveLength(65_535);
  });
});
