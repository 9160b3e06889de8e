import { Decoder, Encoder } from "@msgpack/msgpack";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { withNodeStringsDecoder, withNodeStringsEncoder } from "../../../src/protocol/node-strings.ts";

/** Around the lengths where the ways part: 32 characters here, 8 bits and 16 bits in MessagePack. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.string({ unit: "grapheme", minLength: 20, maxLength: 300 }),
  fc
    .constantFrom(31, 32, 33, 85, 86, 255, 256, 65_535, 65_536)
    .chain((length) => fc.constantFrom("a", "é", "漢", "🐟").map((unit) => unit.repeat(length))),
);
/** The decoder refuses this one, as it should. */
const key = text.filter((each) => each !== "__proto__");
const value = fc.oneof(text, fc.array(text, { maxLength: 5 }), fc.dictionary(key, text, { maxKeys: 5 }));

test("strings by Node are encoded to the bytes that the library would write", () => {
  const ours = withNodeStringsEncoder(new Encoder());
  const library = new Encoder();
  fc.assert(
    fc.property(value, (each) => {
      expect(Buffer.from(ours.encode(each))).toEqual(Buffer.from(library.encode(each)));
    }),
  );
});

test("strings by Node are decoded to the values that the library would read", () => {
  const ours = withNodeStringsDecoder(new Decoder());
  const library = new Decoder();
  const encoder = new Encoder();
  fc.assert(
    fc.property(value, (each) => {
      const bytes = encoder.encode(each);
      expect(ours.decode(bytes)).toEqual(library.decode(bytes));
    }),
  );
});
