import type {
  CacheCounts,
  ErrorFigures,
  MovedFigures,
  ReplicaFigures,
  ServedFigures,
  TaskFigures,
  UsageFigures,
} from "./figures.ts";
import { Times } from "./times.ts";

/**
 * What several replicas have done, together. What they are doing now, and what they know of their targets, is not summed.
 * @param of the agent and the replica that the sum is told of
 */
export function sumOf(
  all: readonly ReplicaFigures[],
  of: Pick<ReplicaFigures, "agent" | "replica">,
): ReplicaFigures {
  const sum = (of: (figures: ReplicaFigures) => number): number => all.reduce((n, each) => n + of(each), 0);
  const tasks = (key: keyof TaskFigures): number => sum((each) => each.tasks[key]);
  const moved = (key: keyof MovedFigures): number => sum((each) => each.moved[key]);
  return {
    ...of,
    now: null,
    restarts: sum(({ restarts }) => restarts),
    moved: { away: moved("away"), stolen: moved("stolen"), here: moved("here") },
    tasks: { done: tasks("done"), retried: tasks("retried"), dead: tasks("dead") },
    unserved: sumOfErrors(all.map(({ unserved }) => unserved)),
    methods: byMethod(all.flatMap(({ methods }) => methods)),
    supervisor: null,
  };
}

/** What several methods, or one on several replicas, have been asked for. */
export function sumOfServed(method: string, all: readonly ServedFigures[]): ServedFigures {
  const [running, waiting] = [new Times(), new Times()];
  for (const each of all) {
    running.add(each.running);
    waiting.add(each.waiting);
  }
  const sum = (of: (figures: ServedFigures) => number): number => all.reduce((n, each) => n + of(each), 0);
  const usage = (key: keyof UsageFigures): number => sum((each) => each.usage[key]);
  const cached = (key: keyof CacheCounts): number => sum((each) => each.cache?.[key] ?? 0);
  return {
    method,
    ended: sum(({ ended }) => ended),
    ok: sum(({ ok }) => ok),
    degraded: sum(({ degraded }) => degraded),
    errors: sumOfErrors(all.map(({ errors }) => errors)),
    running,
    waiting,
    cache: all.some(({ cache }) => cache)
      ? { hits: cached("hits"), stale: cached("stale"), joined: cached("joined"), misses: cached("misses") }
      : null,
    usage: {
      inputTokens: usage("inputTokens"),
      outputTokens: usage("outputTokens"),
      cost: usage("cost"),
    },
  };
}

function sumOfErrors(all: readonly ErrorFigures[]): ErrorFigures {
  const sum: Record<string, number> = {};
  for (const each of all)
    for (const [code, count] of Object.entries(each)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
}

function byMethod(all: readonly ServedFigures[]): ServedFigures[] {
  return [...Map.groupBy(all, ({ method }) => method)].map(([method, each]) => sumOfServed(method, each));
}
