/**
 * Feeds the readers of the wire with random and mutated bytes. Nothing but a MeshError may come out, and no input may
 * make a reader allocate more than a small multiple of its size.
 *
 *     node --conditions=shoal-source --expose-gc tools/fuzz-wire.ts [--count 1000000] [--seed 1]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { MeshError } from "../packages/mesh/src/errors.ts";
import { decodeBody, decodeMsgpack } from "../packages/mesh/src/protocol/body.ts";
import { decodeExtensions } from "../packages/mesh/src/protocol/extensions.ts";
import { errorOf } from "../packages/mesh/src/protocol/failure.ts";
import { Frame, callOf } from "../packages/mesh/src/protocol/frame.ts";
import { type PlainShape, decodePlain } from "../packages/mesh/src/protocol/plain.ts";
import { parseTraceparent } from "../packages/mesh/src/protocol/trace.ts";

const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
const count = Number(values.count ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 0xffff_ffff);

const MAX_BYTES = 512;
/** Room for garbage that waits to be collected, beside what an input of `MAX_BYTES` can cost. */
const MAX_HEAP_GROWTH = 64 * 1_048_576;

const random = xorshift(seed);
const below = (limit: number): number => random() % limit;
const corpus = seeds();
const pick = (): Buffer => corpus[below(corpus.length)] ?? Buffer.alloc(0);
const shapes: PlainShape[] = [
  { kind: "string" },
  { kind: "object", textProperty: "text" },
  { kind: "object", textProperty: undefined },
  { kind: "other" },
];

const readers: Record<string, (bytes: Buffer) => void> = {
  frame: (bytes) => {
    callOf(bytes);
    const frame = new Frame(bytes);
    if (frame.hasExtensions) attempt(() => decodeExtensions(frame.extensions));
    errorOf(frame.body());
  },
  body: (bytes) => void decodeBody(bytes.length % 2 ? 1 : 2, bytes),
  msgpack: (bytes) => void errorOf(decodeMsgpack(bytes)),
  extensions: (bytes) => void decodeExtensions(bytes),
  plain: (bytes) => void decodePlain(bytes, shapes[below(shapes.length)] ?? { kind: "other" }),
  traceparent: (bytes) => void parseTraceparent(bytes.toString("latin1")),
};
const names = Object.keys(readers);

const figures = { accepted: 0, refused: 0, slowestMs: 0 };
globalThis.gc?.();
const heapAtStart = process.memoryUsage().heapUsed;
let heapPeak = heapAtStart;

for (let i = 0; i < count; i++) {
  const name = names[i % names.length] ?? "frame";
  const bytes = next(name);
  const started = performance.now();
  try {
    if (attempt(() => readers[name]?.(bytes))) figures.accepted++;
    else figures.refused++;
  } catch (error) {
    console.error(`seed ${seed}, input ${i}, reader ${name}: ${bytes.toString("hex")}`);
    throw error;
  }
  figures.slowestMs = Math.max(figures.slowestMs, performance.now() - started);
  if (i % 4_096 === 0) heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
}

globalThis.gc?.();
const kept = process.memoryUsage().heapUsed - heapAtStart;
const megabytes = (size: number): string => `${(size / 1_048_576).toFixed(1)} MiB`;
console.log(
  `seed ${seed}: ${count} inputs, ${figures.accepted} taken, ${figures.refused} refused, slowest ` +
    `${figures.slowestMs.toFixed(1)} ms, heap peak +${megabytes(heapPeak - heapAtStart)}, kept ${megabytes(kept)}`,
);
if (heapPeak - heapAtStart > MAX_HEAP_GROWTH) throw new Error("the heap grew without bound");
if (figures.accepted === 0 || figures.refused === 0)
  throw new Error("every input ended alike: this tests nothing");

/** True when the reader took it, false when it refused it as it should. Anything else is thrown on. */
function attempt(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof MeshError && error.code === "bad_request") return false;
    throw error;
  }
}

/** Random bytes now and then; mostly something valid with a few changes, for that gets deeper. */
function next(reader: string): Buffer {
  if (below(8) === 0) return Buffer.from(Array.from({ length: below(64) }, () => below(256)));
  let bytes = Buffer.from(pick());
  if (reader === "frame" && below(2) === 0)
    bytes = Buffer.concat([Buffer.from([0xc1, 1, 1 + below(11)]), bytes]);
  for (let changes = below(5); changes > 0; changes--) bytes = change(bytes);
  return bytes.subarray(0, MAX_BYTES);
}

function change(bytes: Buffer): Buffer {
  const at = below(bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (below(6)) {
    case 0:
      return Buffer.from(head);
    case 1:
      return Buffer.concat([head, Buffer.from([below(256)]), tail]);
    case 2:
      return Buffer.concat([head, pick(), tail]);
    case 3:
      return Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff, 0xff]), tail.subarray(4)]);
    case 4:
      return Buffer.concat([head, tail.subarray(1)]);
    default: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = below(256);
      return copy;
    }
  }
}

function seeds(): Buffer[] {
  const path = new URL("../docs/wire-vectors.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(path, "utf8")) as Record<string, { hex: string }[] | number>;
  const wire = Object.values(vectors).flatMap((list) =>
    typeof list === "number" ? [] : list.map(({ hex }) => hex),
  );
  const typed = [
    '{"text":"hi","n":[1,2.5e3,null,true]}',
    '"a \\u00e9 string"',
    "plain text",
    '{"__proto__":{}}',
    "[[[[]]]]",
  ];
  const traces = ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"];
  return [
    ...wire.map((hex) => Buffer.from(hex, "hex")),
    ...[...typed, ...traces].map((text) => Buffer.from(text)),
  ];
}

/** A repeatable source of 32-bit numbers: G. Marsaglia, Xorshift RNGs, 2003. */
function xorshift(start: number): () => number {
  let state = start || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
