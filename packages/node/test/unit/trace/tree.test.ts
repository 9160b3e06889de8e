import type { AttemptRecord, CallRecord, RequestRecord, SpanRecord } from "@shoal/mesh/client";
import { expect, test } from "vitest";
import type { Found } from "../../../src/trace/records.ts";
import { type Branch, treeOf } from "../../../src/trace/tree.ts";

const trace = "f".repeat(32);
const node = "n";

function request(id: string, parent: string | undefined, fields: Partial<RequestRecord> = {}): Found {
  const span = `s-${id}`;
  const rest = { target: `${id}.run`, replica: "n-1", attempt: 1, moves: 0, waitedMs: 0, ranMs: 1 };
  return { kind: "request", id, trace, span, parent, at: 0, outcome: "ok", node, ...rest, ...fields };
}

function attempt(id: string, parent: string | undefined, fields: Partial<AttemptRecord> = {}): Found {
  const rest = { target: "b", attempt: 1, outcome: "replica_lost", again: true } as const;
  return { kind: "attempt", id, trace, parent, at: 0, node, ...rest, ...fields };
}

const call = (span: string, parent: string): Found & CallRecord => ({
  kind: "call",
  trace,
  span,
  parent,
  at: 0,
  node,
});

type Shape = readonly [string, ...Shape[]];

/** Names alone, as nested lists. */
function shape({ of, under }: Branch): Shape {
  const name = of.kind === "span" ? of.name : `${of.target}${of.kind === "request" ? "" : ` ${of.kind}`}`;
  return [name, ...under.map(shape)];
}

test("what was caused is below what caused it, in the order in which it began, whichever node tells first", () => {
  const records = [
    request("c", "s-b", { at: 5 }),
    request("d", "s-a", { at: 9 }),
    request("b", "s-a", { at: 2 }),
    request("a", undefined, { at: 1 }),
  ];
  expect(treeOf(records).map(shape)).toEqual([["a.run", ["b.run", ["c.run"]], ["d.run"]]]);
});

test("spans between two requests are passed over: of calls, and of attempts at them", () => {
  const records = [call("x", "s-a"), call("y", "x"), request("a", "elsewhere"), request("b", "y")];
  expect(treeOf(records).map(shape)).toEqual([["a.run", ["b.run"]]]);
});

test("a request that has moved is one, where it ended; where it was before is told", () => {
  const records = [
    request("a", undefined, { outcome: "moved", movedTo: "m-1", waitedMs: 20, ranMs: undefined }),
    request("a", undefined, { replica: "m-1", moves: 1, at: 7, waitedMs: 25 }),
  ];
  const [only, ...others] = treeOf(records);
  expect(others).toEqual([]);
  expect(only).toMatchObject({
    of: { replica: "m-1", outcome: "ok", at: 0 },
    before: [{ replica: "n-1", waitedMs: 20 }],
  });
});

test("an attempt that no replica tells of is a branch; one that ended otherwise for its caller is a word on it", () => {
  const records = [
    request("a", undefined),
    attempt("lost", "s-a", { replica: "gone-1" }),
    request("b", "s-a", { at: 2 }),
    attempt("b", "s-a", { outcome: "deadline_exceeded", again: false }),
    request("e", "s-a", { at: 3, outcome: "internal" }),
    attempt("e", "s-a", { outcome: "internal", again: false }),
  ];
  const [root] = treeOf(records);
  expect(shape(root!)).toEqual(["a.run", ["b attempt"], ["b.run"], ["e.run"]]);
  expect(root!.under.map(({ seen }) => seen?.outcome)).toEqual([undefined, "deadline_exceeded", undefined]);
});

test("of a call that nobody caused the attempts are beside each other, and one that is not known is named", () => {
  const first = request("b", undefined, { target: "b.run" });
  const second = request("x", "s-b", { target: "b.run", attempt: 2, at: 4 });
  expect(treeOf([first, second]).map(shape)).toEqual([["b.run"], ["b.run"]]);
  expect(treeOf([second]).map(shape)).toEqual([["b.run missing"], ["b.run"]]);
});

test("pieces of work are below their requests", () => {
  const span: SpanRecord & { node: string } = {
    kind: "span",
    trace,
    span: "p",
    parent: "s-a",
    name: "chat gpt",
    at: 3,
    tookMs: 5,
    outcome: "ok",
    fields: {},
    node,
  };
  expect(treeOf([span, request("a", undefined), request("b", "p", { at: 4 })]).map(shape)).toEqual([
    ["a.run", ["chat gpt", ["b.run"]]],
  ]);
});

test("records that make a circle end all the same, and nothing is lost", () => {
  const records = [
    request("a", "s-b"),
    request("b", "s-a"),
    call("x", "y"),
    call("y", "x"),
    request("c", "x"),
  ];
  const names = treeOf(records).flatMap(function all(each): string[] {
    return [shape(each)[0], ...each.under.flatMap(all)];
  });
  expect(names.sort()).toEqual(["a.run", "b.run", "c.run"]);
});
