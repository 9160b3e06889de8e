import { expect, test } from "vitest";
import { type NodeState, readinessOf } from "../../src/http/readiness.ts";

const ready: NodeState = {
  isConnected: true,
  nats: "nats://a:4222",
  agents: ["echo", "writer"],
  replicas: [
    { agent: "echo", serves: true },
    { agent: "writer", serves: true },
    { agent: "writer", serves: true },
  ],
  isLeaving: false,
};

test("HE3: connected, every replica in its pool, not leaving: ready", () => {
  expect(readinessOf(ready)).toEqual({ ready: true, missing: [] });
});

const [echo, writer] = ["echo", "writer"].map((agent) => ({ agent, serves: true }));
test.each<[string, Partial<NodeState>, string[]]>([
  [
    "NATS has not answered",
    { isConnected: undefined, replicas: undefined },
    ["NATS at nats://a:4222 has not answered yet"],
  ],
  ["NATS is lost", { isConnected: false }, ["the connection to NATS at nats://a:4222 is lost"]],
  ["agents start", { replicas: undefined }, ["echo still starts", "writer still starts"]],
  ["an agent is missing", { replicas: [echo!] }, ["writer has stopped"]],
  ["an agent was given up", { replicas: [echo!, { ...writer!, serves: false }] }, ["writer has stopped"]],
  [
    "a replica was given up",
    { replicas: [echo!, writer!, { ...writer!, serves: false }] },
    ["of 2 replicas of writer 1 has stopped"],
  ],
  [
    "it drains",
    { isLeaving: true, replicas: [] },
    ["it drains: work that runs is finished, and no more is taken"],
  ],
])("HE3: not ready while %s, and it says so", (_what, state, missing) => {
  expect(readinessOf({ ...ready, ...state })).toEqual({ ready: false, missing });
});
