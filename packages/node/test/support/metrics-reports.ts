import type { AgentReport, MethodReport, MetricsReport, NodeReport, ReplicaReport } from "@shoal/agents";

const times = { count: 100, meanMs: 40, minMs: 1, maxMs: 187, p50Ms: 41, p90Ms: 60, p99Ms: 82, p999Ms: 180 };

/** What requests came to, at so many a second. */
function requests(perSecond: number): Omit<MethodReport, "method"> {
  const ended = { "1s": perSecond, "1m": perSecond / 2, "5m": null };
  return {
    ended: 3_600,
    ok: 3_500,
    degraded: 0,
    failed: 100,
    errors: { internal: 100 },
    perSecond: { ended, failed: { "1s": perSecond / 10, "1m": 0, "5m": null } },
    running: times,
    waiting: { ...times, p99Ms: 18 },
    cache: null,
    usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
  };
}

const present = {
  slots: 8,
  running: 4,
  waiting: 3,
  oldestRunningMs: 2_400,
  oldestWaitingMs: 18,
  sessions: 0,
};

export function agentReport(agent: string, more: Partial<AgentReport> = {}): AgentReport {
  return {
    agent,
    replicas: 2,
    nodes: 2,
    now: present,
    ...requests(153),
    restarts: 0,
    moved: { away: 0, stolen: 0, here: 0 },
    tasks: { done: 0, retried: 0, dead: 0 },
    unserved: {},
    supervisor: null,
    ...more,
  };
}

function replicaReport(replica: string): ReplicaReport {
  const node = replica.slice(0, replica.lastIndexOf("-"));
  return {
    replica,
    node,
    now: present,
    ...requests(77),
    restarts: 0,
    moved: { away: 4, stolen: 3, here: 5 },
  };
}

/** One agent with its methods and replicas. */
export function detailed(agent: string, replicas: readonly string[]): AgentReport {
  return agentReport(agent, {
    byMethod: [{ method: "prompt", ...requests(153) }],
    byReplica: replicas.map((each) => replicaReport(each)),
  });
}

function nodeReport(node: string): NodeReport {
  return {
    node,
    uptimeMs: 61_000,
    silentMs: 300,
    replicas: 2,
    reconnects: 0,
    rssBytes: 104_857_600,
    heapUsedBytes: 20_971_520,
    loopLag: { p50Ms: 0.1, p99Ms: 2.2, maxMs: 9 },
  };
}

export function metricsReport(...agents: AgentReport[]): MetricsReport {
  return { agents, nodes: [nodeReport("a-11111111"), nodeReport("b-22222222")] };
}
