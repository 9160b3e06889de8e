import { expect, test } from "vitest";
import { type Effect, Key, keysIn, press } from "../../../src/top/keys.ts";
import { agentRows, selectedIn } from "../../../src/top/rows.ts";
import { type TopState, beginning } from "../../../src/top/state.ts";
import { agentReport, detailed, metricsReport } from "../../support/metrics-reports.ts";

const all: TopState = {
  ...beginning("mesh"),
  report: metricsReport(
    agentReport("b", { running: { ...agentReport("b").running, p99Ms: 500 } }),
    agentReport("a"),
    agentReport("c", { now: null }),
  ),
};

function pressed(state: TopState, ...keys: string[]): TopState {
  return keys.reduce((before, key) => press(before, key).state, state);
}

function effectOf(state: TopState, key: string): Effect {
  return press(state, key).effect;
}

test("the selection moves within the rows, and stays with its row when the order changes", () => {
  expect(selectedIn(all)).toBe("a");
  expect(selectedIn(pressed(all, Key.down, "j", "j", "j"))).toBe("c");
  expect(selectedIn(pressed(all, Key.up))).toBe("a");
  const sorted = pressed(all, Key.down, "s", "s", "s");
  expect(sorted.sort).toBe("p99");
  expect(agentRows(sorted).map(({ agent }) => agent)).toEqual(["b", "a", "c"]);
  expect(selectedIn(sorted)).toBe("b");
});

test("enter looks into an agent, esc comes back to it", () => {
  const inside = pressed(all, Key.down, Key.enter);
  expect([inside.view, inside.agent]).toEqual(["agent", "b"]);
  const back = pressed(inside, Key.escape);
  expect([back.view, back.agent, selectedIn(back)]).toEqual(["agents", undefined, "b"]);
});

test("a filter is typed, kept and cleared; while it is typed no key means anything else", () => {
  const typing = pressed(all, "/", "q", "b");
  expect([typing.filter, typing.mode]).toEqual(["qb", "filter"]);
  expect(effectOf(typing, "q")).toBeUndefined();
  expect(effectOf(typing, Key.interrupt)).toBe("quit");
  const kept = pressed(typing, Key.backspace, Key.backspace, "b", Key.enter);
  expect(agentRows(kept).map(({ agent }) => agent)).toEqual(["b"]);
  expect(pressed(kept, Key.escape).filter).toBe("");
});

const inside: TopState = {
  ...beginning("mesh"),
  report: metricsReport(detailed("writer", ["a-11111111-1", "b-22222222-7"])),
  view: "agent",
  agent: "writer",
};

test("IN7: a replica or its node is drained, and only when y is pressed", () => {
  const asked = pressed(inside, "j", "d");
  expect(asked).toMatchObject({ mode: "confirm", wish: { node: "b-22222222", replica: "b-22222222-7" } });
  expect(effectOf(asked, "n")).toBeUndefined();
  expect(effectOf(asked, Key.enter)).toBeUndefined();
  expect(pressed(asked, "n")).toMatchObject({ mode: "keys", wish: undefined, note: "nothing is drained" });
  expect(press(asked, "y")).toMatchObject({ effect: "drain", state: { wish: { replica: "b-22222222-7" } } });
  expect(pressed(inside, "D").wish).toEqual({ node: "a-11111111", replica: undefined });
  expect(pressed(all, "n", "j", "d").wish).toEqual({ node: "b-22222222", replica: undefined });
  expect(pressed(all, "d")).toMatchObject({ mode: "keys", wish: undefined });
});

test("q and Ctrl-C quit", () => {
  expect([effectOf(all, "q"), effectOf(all, Key.interrupt), effectOf(all, "x")]).toEqual([
    "quit",
    "quit",
    undefined,
  ]);
});

test("keys are told apart, also when several come at once", () => {
  expect(keysIn("j\u001B[A\u001BOBd\u001B")).toEqual(["j", Key.up, Key.down, "d", Key.escape]);
  expect(keysIn("\u001B[3~é")).toEqual(["\u001B[3~", "é"]);
});
