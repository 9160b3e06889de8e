import { GONE, type NodeFigures } from "@shoal/mesh";
import { expect, test } from "vitest";
import { type ToldFigures, familiesOf } from "../../../src/prometheus/families.ts";
import { agentsOf } from "../../../src/prometheus/agent-figures.ts";
import { exposition } from "../../../src/prometheus/exposition.ts";
import { supervisorFamilies } from "../../../src/prometheus/supervisor-families.ts";
import { nodeFigures, replicaFigures, servedFigures, times } from "../../support/figures.ts";

const busy = nodeFigures(
  [
    replicaFigures("writer", {
      now: { slots: 4, running: 2, waiting: 5, oldestRunningMs: 1_500, oldestWaitingMs: 20, sessions: 3 },
      restarts: 1,
      moved: { away: 2, stolen: 1, here: 1 },
      tasks: { done: 4, retried: 2, dead: 1 },
      unserved: { not_found: 2 },
      methods: [
        servedFigures("prompt", {
          ended: 7,
          ok: 4,
          degraded: 1,
          errors: { internal: 1, cancelled: 1 },
          running: times(3, 30, 300),
          waiting: times(0, 0, 0, 0, 0, 0, 40_000),
          cache: { hits: 5, stale: 1, joined: 2, misses: 3 },
          usage: { inputTokens: 70, outputTokens: 30, cost: 0.25 },
        }),
      ],
    }),
    replicaFigures("writer", {
      replica: GONE,
      now: null,
      restarts: 2,
      methods: [servedFigures("prompt", { ended: 2, ok: 2, running: times(3, 3), waiting: times(0, 0) })],
    }),
    replicaFigures("helper", {
      supervisor: {
        fallbacks: 3,
        targets: [
          { agent: "writer", breaker: "open", attempts: 9, failures: 4, retries: 2, hedges: 1 },
          { agent: "poet", breaker: undefined, attempts: 3, failures: 0, retries: 0, hedges: 0 },
        ],
      },
    }),
  ],
  {
    connection: { isConnected: true, reconnects: 2 },
    process: { rssBytes: 1, heapUsedBytes: 1, loopLag: { p50Ms: 1, p99Ms: 20, maxMs: 50 } },
  },
);

function told(nodes: readonly NodeFigures[]): ToldFigures {
  return { nodes, replicas: nodes.flatMap(({ replicas }) => replicas) };
}

/** The samples of one name, as they are written. */
async function written(name: string, nodes = [busy]): Promise<string[]> {
  const figures = told(nodes);
  const families = [...familiesOf(figures), ...supervisorFamilies(agentsOf(figures.replicas))];
  const lines = (await exposition(families)).split("\n");
  return lines.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

test("HE7: requests by outcome, of all replicas, those that have gone and what reached no method included", async () => {
  expect(await written("shoal_requests_total")).toEqual([
    'shoal_requests_total{agent="writer",method="prompt",outcome="ok"} 6',
    'shoal_requests_total{agent="writer",method="prompt",outcome="degraded"} 1',
    'shoal_requests_total{agent="writer",method="prompt",outcome="internal"} 1',
    'shoal_requests_total{agent="writer",method="prompt",outcome="cancelled"} 1',
    'shoal_requests_total{agent="writer",method="_",outcome="not_found"} 2',
  ]);
});

test("HE7: a distribution as buckets in seconds that grow, to infinity", async () => {
  const buckets = await written("shoal_request_duration_seconds_bucket");
  expect(buckets.map((line) => /le="([^"]+)"} (\d+)/.exec(line)?.slice(1).join(" "))).toEqual([
    ..."0.001 0,0.0025 0,0.005 3,0.01 3,0.025 3,0.05 4,0.1 4,0.25 4,0.5 5,1 5,2.5 5,5 5,10 5".split(","),
    ..."25 5,60 5,150 5,300 5,+Inf 5".split(","),
  ]);
  expect(await written("shoal_request_duration_seconds_count")).toEqual([
    'shoal_request_duration_seconds_count{agent="writer",method="prompt"} 5',
  ]);
  const [sum = ""] = await written("shoal_request_wait_seconds_sum");
  expect(Number(sum.split(" ").at(-1))).toBeCloseTo(40);
});

test("what replicas do now, in sum, and the age of the oldest", async () => {
  const now = async (name: string): Promise<string | undefined> =>
    (await written(name))
      .find((line) => line.includes('agent="writer"'))
      ?.split(" ")
      .at(-1);
  const names = ["replicas", "slots", "requests_in_flight", "mailbox_depth", "sessions", "restarts_total"];
  expect(await Promise.all(names.map((name) => now(`shoal_${name}`)))).toEqual([
    "1",
    "4",
    "2",
    "5",
    "3",
    "3",
  ]);
  expect(await written("shoal_oldest_request_age_seconds")).toEqual([
    'shoal_oldest_request_age_seconds{agent="writer",state="running"} 1.5',
    'shoal_oldest_request_age_seconds{agent="writer",state="waiting"} 0.02',
    'shoal_oldest_request_age_seconds{agent="helper",state="running"} 0',
    'shoal_oldest_request_age_seconds{agent="helper",state="waiting"} 0',
  ]);
});

test("handovers, tasks, answers from caches, tokens, cost", async () => {
  const values = async (name: string): Promise<string[]> =>
    (await written(name))
      .filter((line) => line.includes("writer"))
      .map((line) => line.replace(/.*,|agent="writer"|.*{/g, ""));
  expect(await values("shoal_handovers_total")).toEqual(['direction="away"} 2', 'direction="here"} 1']);
  expect(await written("shoal_steals_total")).toContain('shoal_steals_total{agent="writer"} 1');
  expect(await values("shoal_task_attempts_total")).toEqual([
    'outcome="done"} 4',
    'outcome="retried"} 2',
    'outcome="dead"} 1',
  ]);
  expect(await values("shoal_cache_requests_total")).toEqual([
    'result="hit"} 5',
    'result="stale"} 1',
    'result="joined"} 2',
    'result="miss"} 3',
  ]);
  expect(await values("shoal_tokens_total")).toEqual(['type="input"} 70', 'type="output"} 30']);
  expect(await values("shoal_cost_total")).toEqual(['method="prompt"} 0.25']);
});

test("supervisors: breakers by state, and what was asked of whom", async () => {
  expect(await written("shoal_breaker_state")).toEqual([
    'shoal_breaker_state{agent="helper",target="writer",state="closed"} 0',
    'shoal_breaker_state{agent="helper",target="writer",state="half-open"} 0',
    'shoal_breaker_state{agent="helper",target="writer",state="open"} 1',
  ]);
  expect(await written("shoal_fallbacks_total")).toEqual(['shoal_fallbacks_total{agent="helper"} 3']);
  expect(await written("shoal_target_failures_total")).toEqual([
    'shoal_target_failures_total{agent="helper",target="writer"} 4',
    'shoal_target_failures_total{agent="helper",target="poet"} 0',
  ]);
});

test("HE7: of several nodes the sum, and the worst", async () => {
  const other = nodeFigures(
    [
      replicaFigures("writer", {
        now: { slots: 4, running: 1, waiting: 0, oldestRunningMs: 9_000, oldestWaitingMs: null, sessions: 0 },
        methods: [servedFigures("prompt", { ended: 3, ok: 3, running: times(1), waiting: times(1) })],
      }),
    ],
    {
      connection: { isConnected: false, reconnects: 1 },
      process: { rssBytes: 1, heapUsedBytes: 1, loopLag: { p50Ms: 1, p99Ms: 90, maxMs: 95 } },
    },
  );
  const both = [busy, other];
  expect((await written("shoal_requests_total", both))[0]).toMatch(/outcome="ok"} 9$/);
  expect((await written("shoal_oldest_request_age_seconds", both))[0]).toMatch(/ 9$/);
  expect(await written("shoal_nodes", both)).toEqual(["shoal_nodes 1"]);
  expect(await written("shoal_event_loop_lag_p99_seconds", both)).toEqual([
    "shoal_event_loop_lag_p99_seconds 0.09",
  ]);
});

test("HE6: no label tells of a node, a replica, a caller or a request", () => {
  const labels = familiesOf(told([busy])).flatMap(({ samples }) =>
    samples.flatMap((each) => Object.keys(each.labels)),
  );
  expect(new Set(labels)).toEqual(
    new Set(["agent", "method", "outcome", "le", "state", "direction", "result", "type", "target"]),
  );
});

test("a node that serves nothing yet is told of, too", async () => {
  const text = await exposition(familiesOf(told([nodeFigures([])])));
  expect(text).toContain("shoal_nodes 1\n");
  expect(text).toContain("# TYPE shoal_requests_total counter\n");
});
