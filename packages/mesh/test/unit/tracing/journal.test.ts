import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { derivedTrace } from "../../../src/protocol/trace.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { Choice } from "../../../src/tracing/choice.ts";
import { Journal, type Written } from "../../../src/tracing/journal.ts";
import { Ring } from "../../../src/tracing/ring.ts";
import { WallClock } from "../../../src/tracing/wall-clock.ts";

const hex = (number: number): string => number.toString(16).padStart(32, "0");

function requestOf(number: number, sampled = false): Written {
  const id = hex(number);
  const trace = sampled ? { traceId: id, spanId: "a".repeat(16), sampled } : undefined;
  return {
    inbound: { id, attempt: 1, idempotencyKey: undefined, trace },
    method: { target: "writer.prompt" },
    actor: { replica: "n-1" },
    metadata: undefined,
    trace: derivedTrace(id),
    span: undefined,
    arrivedAt: 0,
  };
}

const failure = new MeshError("internal", "broken");

test("a ring keeps the newest, the newest first", () => {
  const ring = new Ring<number>(3);
  expect([...ring]).toEqual([]);
  for (const n of [1, 2]) ring.push(n);
  expect([...ring]).toEqual([2, 1]);
  for (const n of [3, 4, 5]) ring.push(n);
  expect([...ring]).toEqual([5, 4, 3]);
});

test("TR3: a million requests leave a few thousand records, and do not push out what failed before them", () => {
  const clock = new ManualClock();
  const journal = new Journal(new WallClock(clock));
  journal.ended(requestOf(0xffff_ffff), 0, 1, 2, failure);
  for (let n = 0; n < 1_000_000; n++) {
    if (n % 100 === 0) clock.advance(1);
    journal.ended(requestOf(n), clock.now(), 0, 1, undefined);
  }
  const records = [...journal];
  expect(records.length).toBeLessThanOrEqual(4_000);
  expect(records[0]).toMatchObject({ outcome: "internal", message: "broken", waitedMs: 1, ranMs: 2 });
});

test("TR3: however long the texts are that callers and handlers give, what is remembered of them is short", () => {
  const journal = new Journal(new WallClock(new ManualClock()));
  const long = "x".repeat(60_000);
  const { inbound, ...rest } = requestOf(1);
  journal.ended({ ...rest, inbound: { ...inbound, idempotencyKey: long } }, 0, 0, 1, failure);
  const fields = { short: "s", long, list: Array<string>(9_000).fill("item"), few: ["a", "b"], n: 1 };
  const span = { trace: hex(1), span: "b".repeat(16), name: "chat", at: 0, tookMs: 1 };
  journal.piece({ ...span, fields: { ...fields, more: long, evenMore: long, most: long } }, undefined);
  const [request, piece] = journal;
  expect(request).toMatchObject({ key: long.slice(0, 300) });
  expect(piece).toMatchObject({ fields: { short: "s", long: long.slice(0, 300), few: ["a", "b"], n: 1 } });
  expect(JSON.stringify([...journal]).length).toBeLessThan(3_000);
});

test("TR4: what failed, was slow, or asked for it is written down, however much else there is", () => {
  const clock = new ManualClock();
  const journal = new Journal(new WallClock(clock));
  for (let n = 0; n < 50_000; n++) journal.ended(requestOf(n), clock.now(), 0, 1, undefined);
  const before = [...journal].length;
  expect(before).toBeLessThan(5_000);
  // Odd numbers have no luck any more.
  journal.ended(requestOf(0x0fff_fff1), clock.now(), 0, 1, undefined);
  expect([...journal].some(({ trace }) => trace === hex(0x0fff_fff1))).toBe(false);
  journal.ended(requestOf(0x0fff_fff3), clock.now(), 0, 1, failure);
  journal.ended(requestOf(0x0fff_fff5), clock.now(), 200, 50, undefined);
  journal.ended(requestOf(0x0fff_fff7, true), clock.now(), 0, 1, undefined);
  const traces = [...journal].map(({ trace }) => trace);
  expect(traces).toEqual(expect.arrayContaining([0x0fff_fff3, 0x0fff_fff5, 0x0fff_fff7].map(hex)));
});

test("of too many, nodes that have as much to do choose the same; when there are few again, all are taken", () => {
  const [one, other] = [new Choice(100), new Choice(100)];
  const chosen = (choice: Choice): number[] =>
    Array.from({ length: 10_000 }, (_each, lot) => lot).filter((lot) => choice.takes(lot, 0));
  const lots = chosen(one);
  expect(chosen(other)).toEqual(lots);
  expect(lots.length).toBeLessThan(1_500);
  // Whatever is chosen late is chosen by all that are less busy.
  expect(lots.slice(-10).every((lot) => lot % 64 === 0)).toBe(true);
  let now = 0;
  for (let second = 0; second < 20; second++) one.takes(0, (now += 1_001));
  expect([1, 3, 5].map((lot) => one.takes(lot, now))).toEqual([true, true, true]);
});

test("TR4: callers that give all their requests the same lot have no more written down for it", () => {
  const choice = new Choice(100);
  const taken = Array.from({ length: 10_000 }, () => choice.takes(0, 0)).filter(Boolean);
  expect(taken).toHaveLength(1_600);
  expect(choice.takes(0, 1_000)).toBe(true);
});

test("times are the computer's, and two of them as far apart as the mesh's clock says", () => {
  const clock = new ManualClock();
  const wall = new WallClock(clock);
  const before = wall.now;
  expect(Math.abs(before - Date.now())).toBeLessThan(1_000);
  expect(wall.at(clock.now() + 20) - wall.at(clock.now())).toBe(20);
});
