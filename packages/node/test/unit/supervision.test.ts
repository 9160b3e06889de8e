import type { ReplicaStats } from "@shoal/mesh/client";
import { expect, test } from "vitest";
import { policyText } from "../../src/command/policy-text.ts";
import { isSupervisor, supervisionOf } from "../../src/command/supervision.ts";
import { supervisionView } from "../../src/command/supervision-view.ts";
import { timeText } from "../../src/command/time-text.ts";

function replica(agent: string, status: Readonly<Record<string, unknown>> = {}, id = "n-1"): ReplicaStats {
  return {
    agent,
    replica: id,
    started: "",
    methods: [],
    restarts: 0,
    moved: { away: 0, stolen: 0, here: 0 },
    status,
  };
}

function supervisor(agent: string, targets: readonly unknown[], more = {}, id = "n-1"): ReplicaStats {
  return replica(agent, { supervisor: true, targets, requests: 5, degraded: 2, failed: 1, ...more }, id);
}

function target(agent: string, more = {}): Record<string, unknown> {
  return { agent, breaker: "closed", attempts: 3, failures: 1, retries: 1, hedges: 0, budget: 100, ...more };
}

/** Two replicas of a supervisor, one of another below it, and those that they ask. */
const STATS = [
  supervisor(
    "front",
    [
      target("gpt", { breaker: "open", p95Ms: { prompt: 12, chat: 3 }, lastError: "timeout" }),
      target("inner"),
    ],
    { cached: 4, policy: { retry: { attempts: 1 } } },
  ),
  supervisor(
    "front",
    [target("gpt", { p95Ms: { prompt: 30 }, overBudget: 2, lastError: "internal" }), target("inner")],
    {},
    "n-2",
  ),
  supervisor("inner", [target("llama"), target("llama"), target("front")]),
  replica("gpt"),
  replica("gpt", {}, "n-2"),
  replica("llama"),
];

test("the figures of all replicas are put together, target by target", () => {
  expect(STATS.map(isSupervisor)).toEqual([true, true, true, false, false, false]);
  expect(supervisionOf("front", STATS)).toMatchObject({
    replicas: 2,
    requests: 10,
    degraded: 4,
    failed: 2,
    cached: 4,
    targets: [
      {
        agent: "gpt",
        replicas: 2,
        breaker: { open: 1, closed: 1 },
        attempts: 6,
        failures: 2,
        retries: 2,
        hedges: 0,
        p95Ms: 30,
        overBudget: 2,
        budget: 200,
        lastErrors: ["timeout", "internal"],
      },
      { agent: "inner", replicas: 1, p95Ms: null, lastErrors: [] },
    ],
  });
});

test("supervisors below are told with their targets, and no circle is followed", () => {
  const inner = supervisionOf("front", STATS)?.targets[1]?.supervision;
  expect(inner?.targets.map(({ agent, supervision }) => [agent, supervision])).toEqual([
    ["llama", undefined],
    ["llama", undefined],
    ["front", undefined],
  ]);
  expect(supervisionOf("gpt", STATS)).toBeUndefined();
});

test("whatever a stranger says of itself is shown as far as it makes sense", () => {
  const strange = replica("odd", { supervisor: true, targets: [5, null, { agent: 7, attempts: "x" }] });
  const supervision = supervisionOf("odd", [strange, replica("odd", { supervisor: true, targets: "none" })]);
  expect(supervision).toMatchObject({ requests: 0, targets: [{ agent: "", attempts: 0, breaker: {} }] });
  expect(supervision && supervisionView(supervision)).toContain("requests 0");
});

test("a tree of targets, with the policy above it", () => {
  const supervision = supervisionOf("front", STATS);
  expect(supervision && supervisionView(supervision)).toBe(
    `supervises
  1 attempt at each target
  no breaker
  requests 10, degraded 4, failed 2, cached answers 4

TARGET    REPLICAS  BREAKER           ATTEMPTS  FAILURES  RETRIES  HEDGES  P95      BUDGET  REFUSED  LAST ERROR
gpt              2  1 open, 1 closed         6         2        2       0  30.0 ms     200        2  timeout, internal
inner            1  closed                   6         2        2       0  -           200        0
├─ llama         1  closed                   3         1        1       0  -           100        0
├─ llama         1  closed                   3         1        1       0  -           100        0
└─ front         2  closed                   3         1        1       0  -           100        0`,
  );
});

test("a policy in two lines", () => {
  expect(
    policyText({
      retry: { attempts: 3, backoffMs: 100, maxBackoffMs: 30_000, budget: 0.2 },
      timeoutMs: 5_000,
      hedge: { max: 1 },
      breaker: { errorRate: 0.5, minimum: 20, windowMs: 60_000, halfOpenAfterMs: 10_000 },
      bulkhead: { running: 32, queued: 100 },
      rateLimit: { requests: 100, perMs: 1_000 },
      degrade: ["cache", "cheap", "answer"],
    }),
  ).toEqual([
    "3 attempts at each target, 100 ms to 30 s apart, budget 20 %; 5 s for each; hedge after p95, at most 1",
    "breaker when 50 % of 20 fail in 1 min, half open after 10 s; 32 run, 100 wait; 100 requests per 1 s; degrades to cache, cheap, answer",
  ]);
});

test.each([
  [0, "0 ms"],
  [250, "250 ms"],
  [1_000, "1 s"],
  [1_540, "1.5 s"],
  [60_000, "1 min"],
  [90_000, "90 s"],
  [7_200_000, "2 h"],
])("%i ms are %s", (ms, text) => {
  expect(timeText(ms)).toBe(text);
});
