import { encode } from "@msgpack/msgpack";
import * as fc from "fast-check";

/** MessagePack of random values, with a few bytes changed, cut off, doubled or put in. */
export function mutated(value: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array> {
  const encoded = value.map((any): Uint8Array => {
    try {
      return encode(any);
    } catch {
      return Uint8Array.of(0xc0);
    }
  });
  const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const change = fc.tuple(
    fc.constantFrom("set", "cut", "insert", "double"),
    position,
    fc.integer({ min: 0, max: 255 }),
  );
  return fc.tuple(encoded, fc.array(change, { maxLength: 4 })).map(([bytes, changes]) => {
    let result = Buffer.from(bytes);
    for (const [how, where, byte] of changes) {
      const at = Math.floor(where * result.length);
      const [head, tail] = [result.subarray(0, at), result.subarray(at)];
      if (how === "set") result[at] = byte;
      else if (how === "cut") result = Buffer.from(head);
      else if (how === "insert") result = Buffer.concat([head, Uint8Array.of(byte), tail]);
      else result = Buffer.concat([result, tail]);
    }
    return result;
  });
}
