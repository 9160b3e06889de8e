/**
 * Walks MessagePack without building anything, so that the decoder may trust what it reads.
 *
 * G1: every length that the bytes claim is covered by bytes that are there: decoding allocates no more than a
 *     small multiple of the input.
 * G2: nesting is at most `MAX_DEPTH`.
 * G3: exactly one value, nothing after it.
 */

/** Arrays and maps that hold something, one inside another. What is empty nests nothing. */
export const MAX_DEPTH = 100;

/** A sentence that says what is wrong, or undefined when the bytes are one sound MessagePack value. */
export function faultOf(bytes: Uint8Array, start: number): string | undefined {
  const end = bytes.length;
  /** Values still to come at each open level; a map counts two for each entry. */
  const open: number[] = [];
  let left = 1;
  let at = start;
  for (;;) {
    while (left === 0) {
      const outer = open.pop();
      // G3
      if (outer === undefined) return at === end ? undefined : `${end - at} bytes follow the value`;
      left = outer;
    }
    left--;
    if (at >= end) return "the value is cut short";
    const head = bytes[at] as number;
    const size = SIZE[head] as number;
    if (size === INVALID) return `byte 0x${head.toString(16)} begins no MessagePack value`;
    const width = WIDTH[head] as number;
    if (at + 1 + width > end) return "the value is cut short";
    const length = width === 0 ? size : lengthAt(bytes, at + 1, width) + size;
    at += 1 + width;
    const items = ITEMS[head] as number;
    if (items === 0) {
      // G1
      if (length > end - at) return `a length of ${length} exceeds the ${end - at} bytes that are left`;
      at += length;
      continue;
    }
    if (length === 0) continue;
    // G1: the smallest item takes one byte.
    if (length * items > end - at) return `a count of ${length} exceeds the ${end - at} bytes that are left`;
    // G2
    if (open.length >= MAX_DEPTH) return `nesting is deeper than ${MAX_DEPTH} levels`;
    open.push(left);
    left = length * items;
  }
}

function lengthAt(bytes: Uint8Array, at: number, width: number): number {
  let length = 0;
  for (let i = 0; i < width; i++) length = length * 256 + (bytes[at + i] as number);
  return length;
}

const INVALID = -1;
/** Payload bytes (or items) that follow the head byte, besides what its length field says. */
const SIZE = new Int16Array(256);
/** Bytes of the length field. */
const WIDTH = new Uint8Array(256);
/** Values for each counted item: 0 for scalars, 1 for arrays, 2 for maps. */
const ITEMS = new Uint8Array(256);

function rule(from: number, to: number, size: (head: number) => number, width = 0, items = 0): void {
  for (let head = from; head <= to; head++) {
    SIZE[head] = size(head);
    WIDTH[head] = width;
    ITEMS[head] = items;
  }
}

const low = (bits: number) => (head: number) => head & bits;
const fixed = (size: number) => () => size;

rule(0x80, 0x8f, low(0x0f), 0, 2); // fixmap
rule(0x90, 0x9f, low(0x0f), 0, 1); // fixarray
rule(0xa0, 0xbf, low(0x1f)); // fixstr
rule(0xc1, 0xc1, fixed(INVALID)); // never used
rule(0xc4, 0xc4, fixed(0), 1); // bin 8, 16, 32
rule(0xc5, 0xc5, fixed(0), 2);
rule(0xc6, 0xc6, fixed(0), 4);
rule(0xc7, 0xc7, fixed(1), 1); // ext 8, 16, 32: the type's byte follows the length
rule(0xc8, 0xc8, fixed(1), 2);
rule(0xc9, 0xc9, fixed(1), 4);
rule(0xca, 0xca, fixed(4)); // float 32, 64
rule(0xcb, 0xcb, fixed(8));
for (const first of [0xcc, 0xd0]) for (let i = 0; i < 4; i++) rule(first + i, first + i, fixed(1 << i)); // ints
for (let i = 0; i < 5; i++) rule(0xd4 + i, 0xd4 + i, fixed(1 + (1 << i))); // fixext
rule(0xd9, 0xd9, fixed(0), 1); // str 8, 16, 32
rule(0xda, 0xda, fixed(0), 2);
rule(0xdb, 0xdb, fixed(0), 4);
rule(0xdc, 0xdc, fixed(0), 2, 1); // array 16, 32
rule(0xdd, 0xdd, fixed(0), 4, 1);
rule(0xde, 0xde, fixed(0), 2, 2); // map 16, 32
rule(0xdf, 0xdf, fixed(0), 4, 2);
