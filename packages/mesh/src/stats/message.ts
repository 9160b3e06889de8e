import { MeshError } from "../errors.ts";
import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { MethodChange, ReplicaChange } from "./copy.ts";
import type { Numbers } from "./entry.ts";

/** What a node tells of its figures, in one message. */
export interface StatsMessage {
  readonly node: string;
  /** From 1, one more with each message that the node publishes. In a whole: that of the last one before it. */
  readonly seq: number;
  /** Milliseconds between two of them while there is something to tell. */
  readonly intervalMs: number;
  /** All that there is, for somebody who has asked, in so many parts. Undefined: what has changed since the last message. */
  readonly part?: readonly [number: number, of: number] | undefined;
  /** The node stops: it tells nothing more. */
  readonly isLast?: boolean;
  readonly numbers: Numbers;
  readonly replicas: readonly ReplicaChange[];
}

const VERSION = 1;
/** A DDSketch of 1 % has a bin of 1 ns at -1,040, and one of ten million years at 1,700. */
const MOST_KEY = 2_048;
const LABEL = /^[A-Za-z0-9_-]{1,128}$/;
const NAME_LENGTH = 128;
const MOST_NAMES = 1_024;

export function encodeStats({
  node,
  seq,
  intervalMs,
  part,
  isLast,
  numbers,
  replicas,
}: StatsMessage): Uint8Array {
  const body = {
    v: VERSION,
    node,
    seq,
    intervalMs,
    ...(part ? { part } : {}),
    ...(isLast ? { last: true } : {}),
    numbers,
    replicas,
  };
  // The encoder uses its buffer again.
  return Uint8Array.from(encodeShared(body));
}

/** @throws MeshError `bad_request` for what is no such message, or is one of another version */
export function decodeStats(bytes: Uint8Array): StatsMessage {
  const body = recordOf(decodeMsgpack(bytes), "the message");
  const { v, node, seq, intervalMs, part, last, numbers, replicas } = body;
  if (v !== VERSION) throw wrong(`version ${String(v)} is not known`);
  return {
    node: labelOf(node, "node"),
    seq: wholeOf(seq, "seq", 0),
    intervalMs: wholeOf(intervalMs, "intervalMs", 1),
    ...(part === undefined ? {} : { part: partOf(part) }),
    ...(last === true ? { isLast: true } : {}),
    numbers: numbersOf(numbers),
    replicas: listOf(replicas, "replicas").map(replicaOf),
  };
}

function replicaOf(value: unknown): ReplicaChange {
  const [agent, replica, numbers, methods] = listOf(value, "a replica");
  return [
    labelOf(agent, "agent"),
    labelOf(replica, "replica"),
    numbers === null ? null : numbersOf(numbers),
    listOf(methods, "methods").map(methodOf),
  ];
}

function methodOf(value: unknown): MethodChange {
  const [method, numbers, running, waiting] = listOf(value, "a method");
  return [labelOf(method, "method"), numbersOf(numbers), timesOf(running), timesOf(waiting)];
}

function timesOf(value: unknown): readonly number[] | null {
  if (value === null) return null;
  const [count, sum, min, max, zeros, ...bins] = listOf(value, "times").map((each) =>
    numberOf(each, "times"),
  );
  for (const each of [sum, min, max]) if (!((each ?? -1) >= 0)) throw wrong("a time is negative");
  wholeOf(count, "count", 1);
  wholeOf(zeros, "zeros", 0);
  if (bins.length % 2 > 0) throw wrong("a bin has no count");
  let key = 0;
  for (let at = 0; at < bins.length; at += 2) {
    key += bins[at] as number;
    if (!Number.isInteger(key) || Math.abs(key) > MOST_KEY) throw wrong(`there is no bin ${key}`);
    wholeOf(bins[at + 1], "the count of a bin", 1);
  }
  return value as readonly number[];
}

function partOf(value: unknown): readonly [number, number] {
  const [number, of] = listOf(value, "part");
  const part = [wholeOf(number, "part", 1), wholeOf(of, "parts", 1)] as const;
  if (part[0] > part[1]) throw wrong(`there is no part ${part[0]} of ${part[1]}`);
  return part;
}

function numbersOf(value: unknown): Numbers {
  const numbers = recordOf(value, "numbers");
  const names = Object.keys(numbers);
  if (names.length > MOST_NAMES) throw wrong(`${names.length} numbers are too many`);
  for (const name of names) {
    if (name.length > NAME_LENGTH) throw wrong("the name of a number is too long");
    numberOf(numbers[name], name);
  }
  return numbers as Numbers;
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw wrong(`${what} is no map`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(`${what} is no list`);
}

function labelOf(value: unknown, what: string): string {
  if (typeof value === "string" && LABEL.test(value)) return value;
  throw wrong(`${what} is no name`);
}

function numberOf(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wrong(`${what} is no number`);
}

function wholeOf(value: unknown, what: string, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw wrong(`${what} is no whole number from ${least}`);
}

function wrong(what: string): MeshError {
  return new MeshError("bad_request", `these are no figures of a node: ${what}.`);
}
