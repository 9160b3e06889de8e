import { type NodeFigures, type ReplicaFigures, type ServedFigures, Times } from "@shoal/mesh";

/** Times of these milliseconds. */
export function times(...ms: readonly number[]): Times {
  const all = new Times();
  for (const each of ms) all.record(each);
  return all;
}

export function servedFigures(method: string, given: Partial<ServedFigures> = {}): ServedFigures {
  return {
    method,
    ended: 0,
    ok: 0,
    degraded: 0,
    errors: {},
    running: times(),
    waiting: times(),
    cache: null,
    usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
    ...given,
  };
}

export function replicaFigures(agent: string, given: Partial<ReplicaFigures> = {}): ReplicaFigures {
  return {
    agent,
    replica: "n-1",
    now: { slots: 1, running: 0, waiting: 0, oldestRunningMs: null, oldestWaitingMs: null, sessions: 0 },
    restarts: 0,
    moved: { away: 0, stolen: 0, here: 0 },
    tasks: { done: 0, retried: 0, dead: 0 },
    unserved: {},
    methods: [],
    supervisor: null,
    ...given,
  };
}

export function nodeFigures(
  replicas: readonly ReplicaFigures[],
  given: Partial<NodeFigures> = {},
): NodeFigures {
  return {
    node: "n",
    uptimeMs: 1_000,
    connection: { isConnected: true, reconnects: 0 },
    process: { rssBytes: 1, heapUsedBytes: 1, loopLag: null },
    replicas,
    ...given,
  };
}
