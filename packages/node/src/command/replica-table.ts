import type { AgentInfo, MethodFigures, MethodInfo, ReplicaInfo, ReplicaStats } from "@shoal/mesh/client";
import { type Column, table } from "./output.ts";

/** What each replica has done since it started, method by method. */
export function replicaTable(
  { replicas: all }: AgentInfo,
  stats: readonly ReplicaStats[],
  shown: readonly MethodInfo[],
): string {
  const rows = all.flatMap((replica) => {
    const { methods = [], restarts = 0 } = stats.find((each) => each.replica === replica.id) ?? {};
    return methods
      .filter(({ name }) => shown.some((method) => method.name === name))
      .map((method) => ({ replica, method, restarts }));
  });
  const keepAnswers = rows.some(({ method }) => method.cache !== undefined);
  const haveRestarted = rows.some(({ restarts }) => restarts > 0);
  return table(rows, [
    { title: "REPLICA", value: ({ replica }) => replica.id },
    { title: "SLOTS", value: ({ replica }) => slotsOf(replica) },
    { title: "METHOD", value: ({ method }) => method.name },
    { title: "REQUESTS", value: ({ method }) => method.requests },
    { title: "ERRORS", value: ({ method }) => method.errors },
    {
      title: "AVERAGE",
      value: ({ method }) => (method.averageMs === null ? "-" : `${method.averageMs.toFixed(2)} ms`),
    },
    ...(keepAnswers ? CACHE_COLUMNS : []),
    ...(haveRestarted
      ? [{ title: "RESTARTS", value: ({ restarts }: { restarts: number }) => restarts }]
      : []),
    { title: "LAST ERROR", value: ({ method }) => method.lastError.slice(0, 60) },
  ]);
}

/** A hit is every answer that needed no work of its own. */
const CACHE_COLUMNS: Column<{ method: MethodFigures }>[] = [
  {
    title: "HITS",
    value: ({ method: { cache } }) => (cache ? cache.hits + cache.stale + cache.joined : "-"),
  },
  { title: "MISSES", value: ({ method }) => method.cache?.misses ?? "-" },
  { title: "KEPT", value: ({ method }) => method.cache?.size ?? "-" },
];

/** The present limit, and where it comes from: `12 (gradient 1–200)`. */
function slotsOf({ concurrency, policy }: ReplicaInfo): number | string {
  return policy === undefined ? concurrency : `${concurrency} (${policy})`;
}
