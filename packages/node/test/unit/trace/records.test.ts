import { expect, test } from "vitest";
import { traceView } from "../../../src/command/trace-view.ts";
import { recordsIn } from "../../../src/trace/records.ts";
import { treeOf } from "../../../src/trace/tree.ts";

const request = {
  kind: "request",
  id: "1".repeat(32),
  trace: "1".repeat(32),
  span: "1".repeat(16),
  at: 1_000,
  target: "writer.prompt",
  replica: "a-11111111-1",
  attempt: 1,
  moves: 0,
  waitedMs: 0,
  ranMs: 3,
  outcome: "ok",
};

const read = (...records: unknown[]): ReturnType<typeof recordsIn> => recordsIn({ node: "n", records });

test("what makes no sense is left out, and the rest is told", () => {
  const { target: _target, ...nameless } = request;
  const garbage = [null, 7, [], {}, nameless, { ...request, at: 1e300 }, { ...request, attempt: 1e9 }];
  expect(read(...garbage, request, { ...request, kind: "unheard-of" })).toEqual([{ ...request, node: "n" }]);
  expect(recordsIn({ node: "n", records: "none" })).toEqual([]);
});

test("what callers have said stays on its line, and does not control the terminal", () => {
  const records = read({ ...request, outcome: "internal", message: "no \u001B[2J\nsuch\u0007 thing" });
  const text = traceView(records, treeOf(records));
  expect(text).toContain("no  such thing");
  for (const control of ["\u001B[2J", "\u0007"]) expect(text).not.toContain(control);
});
