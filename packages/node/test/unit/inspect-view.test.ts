import { expect, test } from "vitest";
import { agentView, nodeView } from "../../src/command/inspect-view.ts";
import { inspectedOf } from "../../src/command/inspected.ts";

const request = { request: "r1", method: "prompt", ageMs: 2_000, remainingMs: 28_000 };

const replica = {
  replica: "w-1",
  agent: "writer",
  version: "1.2.0",
  phase: "serving",
  restarts: 1,
  slots: 4,
  running: 2,
  waiting: 1,
  awaiting: 1,
  mailbox: { capacity: 10, bytes: 5 },
  oldestRunning: [
    { ...request, request: "r2", ageMs: 61_000, remainingMs: 0, hasEnded: true, isStuck: true },
    request,
  ],
  oldestWaiting: [{ ...request, request: "r3", ageMs: 40, session: "alice" }],
  status: { served: 7 },
};

const node = {
  node: "w",
  version: "0.1.0",
  runtime: "v24.1.0",
  host: "here",
  pid: 12,
  upMs: 61_400,
  memory: { rss: 104_857_600, heapUsed: 10_485_760 },
  connection: "connected",
  subscriptions: [{ subject: "mesh.writer", queue: "pool" }, { subject: "mesh._.ctl.w" }],
  replicas: [replica],
};

test("a node: what it is, its replicas, and the requests, the oldest first", () => {
  expect(nodeView(inspectedOf(node), true)).toBe(
    [
      "w",
      "shoal 0.1.0 · node v24.1.0 · here, process 12 · up 61 s · memory 100 MiB (heap 10 MiB) · NATS connected · 2 subscriptions",
      "",
      "REPLICA  AGENT   STATE    RUNNING  WAITING  OLDEST  WAITED  RESTARTS",
      "w-1      writer  serving  2/4      2/10     61 s    40 ms          1",
      "",
      "runs now, the oldest first",
      "AGE   LEFT  METHOD         REQUEST  REPLICA",
      "61 s  0 ms  writer.prompt  r2       w-1      its caller has gone, stuck",
      "2 s   28 s  writer.prompt  r1       w-1",
      "",
      "waits, the oldest first",
      "AGE    LEFT  METHOD         REQUEST  REPLICA  SESSION",
      "40 ms  28 s  writer.prompt  r3       w-1      alice",
      "",
      "state",
      '  w-1  {"served":7}',
      "",
      "LISTENS TO    GROUP",
      "mesh._.ctl.w",
      "mesh.writer   pool",
    ].join("\n"),
  );
});

test("an agent on several nodes is one table, with the breakers of supervisors", () => {
  const status = { supervisor: true, targets: [{ agent: "a", breaker: "open" }, { agent: "b" }, "?"] };
  const other = { ...node, node: "v", replicas: [{ ...replica, replica: "v-1", oldestWaiting: [], status }] };
  const view = agentView("writer", [node, other].map(inspectedOf));
  expect(view).toContain("writer 1.2.0  2 replicas on 2 nodes");
  expect(view).toContain("BREAKER  STATE  SEEN BY\na        open   v-1");
  expect(view.match(/^61 s/gm)).toHaveLength(2);
});

test("what a node of another version says, or somebody who is none, is shown as far as it can be", () => {
  expect(nodeView(inspectedOf({ node: "w" }), false)).toContain("It serves nothing.");
  const odd = { node: "w", replicas: [{ replica: "w-1", slots: "many", oldestRunning: [{}] }], memory: 7 };
  expect(nodeView(inspectedOf(odd), true)).toContain("w-1");
});
