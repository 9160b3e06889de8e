import { expect, test } from "vitest";
import { frame } from "../../../src/top/frame.ts";
import { heardOfStuck, reported } from "../../../src/top/news.ts";
import { type StuckRequest, type TopState, beginning } from "../../../src/top/state.ts";
import { stuckIn } from "../../../src/top/stuck-event.ts";
import { agentReport, metricsReport } from "../../support/metrics-reports.ts";

const report = metricsReport(agentReport("writer"));

function stuckAt(replica: string, request = "0f"): StuckRequest {
  return { request, agent: "writer", method: "prompt", replica, since: 1_000 };
}

function lastLine(state: TopState): string | undefined {
  return frame(state, { width: 80, height: 24 }, 0, (_style, text) => text).at(-1);
}

test("IN11: a request is stuck until it ends, or until its node is gone", () => {
  const [here, there] = [stuckAt("a-11111111-1", "01"), stuckAt("c-33333333-1", "02")];
  const both = [here, there, here].reduce(
    (state, each) => heardOfStuck(state, each, false),
    beginning("mesh"),
  );
  expect(both.stuck).toEqual([there, here]);
  expect(heardOfStuck(both, there, true).stuck).toEqual([here]);
  expect(reported(both, report).stuck).toEqual([here]);
  expect(reported({ ...both, view: "agent" }, report).stuck).toEqual([there, here]);
});

test("IN11: that no figures come is said until they come again", () => {
  const lost: TopState = { ...reported(beginning("mesh"), report), loss: "nobody is there" };
  expect(lastLine(lost)).toContain("no figures: nobody is there");
  expect(lastLine(reported(lost, report))).not.toContain("no figures");
});

test("what is no event of a stuck request, or would move the cursor, is not shown", () => {
  const fields = { request: "0f", agent: "writer", method: "prompt", replica: "a-11111111-1", ageMs: 400 };
  const read = (value: unknown): unknown => stuckIn(Buffer.from(JSON.stringify(value)), 1_400);
  expect(read(fields)).toEqual(stuckAt("a-11111111-1"));
  for (const garbage of [null, 7, [], {}, { ...fields, agent: "\u001B[2J" }, { ...fields, request: 1 }])
    expect(read(garbage)).toBeUndefined();
  expect(stuckIn(Buffer.from("{"), 0)).toBeUndefined();
});
