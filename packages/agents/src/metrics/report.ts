import {
  type CacheCounts,
  type DistributionSummary,
  type ErrorFigures,
  GONE,
  type LoopLagFigures,
  type MovedFigures,
  type PresentFigures,
  type ServedFigures,
  type SupervisorFigures,
  type TaskFigures,
  type UsageFigures,
  sumOf,
  sumOfServed,
} from "@shoal/mesh";
import type { Census, Counted, KnownNode } from "./census.ts";
import { type Rates, failedIn } from "./method-rates.ts";
import { presentTogether, targetsTogether } from "./present.ts";
import { type Query, isNode } from "./query.ts";

/** What requests have come to. Times are in milliseconds, and null where there were none. */
export interface RequestReport {
  readonly ended: number;
  readonly ok: number;
  readonly degraded: number;
  readonly failed: number;
  readonly errors: ErrorFigures;
  readonly perSecond: Rates;
  readonly running: DistributionSummary;
  readonly waiting: DistributionSummary;
  readonly cache: CacheCounts | null;
  readonly usage: UsageFigures;
}

export interface MethodReport extends RequestReport {
  readonly method: string;
}

export interface ReplicaReport extends RequestReport {
  /** `gone`: all of the node, or of the mesh, that are gone. */
  readonly replica: string;
  readonly node: string;
  readonly now: PresentFigures | null;
  readonly restarts: number;
  readonly moved: MovedFigures;
}

export interface AgentReport extends RequestReport {
  readonly agent: string;
  /** Those that live, and the nodes where they are. */
  readonly replicas: number;
  readonly nodes: number;
  /** Of all replicas together; null without one. */
  readonly now: PresentFigures | null;
  readonly restarts: number;
  readonly moved: MovedFigures;
  readonly tasks: TaskFigures;
  readonly unserved: ErrorFigures;
  /** Null for agents that are no supervisors. */
  readonly supervisor: SupervisorFigures | null;
  /** Where the agent was asked for by name. */
  readonly byMethod?: readonly MethodReport[];
  readonly byReplica?: readonly ReplicaReport[];
}

export interface NodeReport {
  readonly node: string;
  readonly uptimeMs: number;
  /** Since it was last heard. */
  readonly silentMs: number;
  readonly replicas: number;
  readonly reconnects: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly loopLag: LoopLagFigures | null;
}

/** What the metrics agent answers. */
export interface MetricsReport {
  readonly agents: readonly AgentReport[];
  /** Those that live. */
  readonly nodes: readonly NodeReport[];
}

/** What a census says of what is asked for: by agent, in the order of their names. */
export function reportOf(census: Census, query: Query): MetricsReport {
  // What is gone is told as one, unless a part of it is asked for.
  const isForOne = [query.node, query.replica].some((name) => name !== undefined && name !== GONE);
  const counted = (isForOne ? census.of((node) => isNode(node, query)) : census.counted).flatMap((each) =>
    selected(each, query),
  );
  const byAgent = [...Map.groupBy(counted, ({ figures }) => figures.agent)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    agents: byAgent.map(([agent, all]) => agentReport(census, agent, all, query.agent !== undefined)),
    nodes: census.nodes.filter(({ figures }) => isWanted(figures.node, query, counted)).map(nodeReport),
  };
}

/** Without what is not asked for; none at all where that is everything. */
function selected({ node, figures }: Counted, query: Query): Counted[] {
  const { agent, method, replica } = query;
  if (agent !== undefined && agent !== figures.agent) return [];
  if (replica !== undefined && replica !== figures.replica) return [];
  if (!isNode(node, query)) return [];
  if (method === undefined) return [{ node, figures }];
  const methods = figures.methods.filter((each) => each.method === method);
  return methods.length === 0 ? [] : [{ node, figures: { ...figures, methods } }];
}

/** Nodes are told of where all are asked for, and where they have something of what is. */
function isWanted(node: string, query: Query, counted: readonly Counted[]): boolean {
  const { agent, method, replica } = query;
  const isForNodes = agent === undefined && method === undefined && replica === undefined;
  return isForNodes ? isNode(node, query) : counted.some((each) => each.node === node);
}

function agentReport(
  census: Census,
  agent: string,
  all: readonly Counted[],
  isDetailed: boolean,
): AgentReport {
  const figures = all.map((each) => each.figures);
  const { methods, restarts, moved, tasks, unserved } = sumOf(figures, { agent, replica: GONE });
  const living = all.filter(({ figures: { now } }) => now !== null);
  return {
    agent,
    replicas: living.length,
    nodes: new Set(living.map(({ node }) => node)).size,
    now: presentTogether(living.flatMap(({ figures: { now } }) => now ?? [])),
    ...requestReport(census, all, sumOfServed("", methods)),
    restarts,
    moved,
    tasks,
    unserved,
    supervisor: targetsTogether(figures.flatMap(({ supervisor }) => supervisor ?? [])),
    ...(isDetailed
      ? {
          byMethod: methods.map((each) => ({
            method: each.method,
            ...requestReport(census, all, each, each.method),
          })),
          byReplica: goneTogether(all).map((each) => replicaReport(census, each)),
        }
      : {}),
  };
}

/** Those that live, and for each node those that do not, as one: a mesh has had many more than it has. */
function goneTogether(all: readonly Counted[]): Counted[] {
  const gone = all.filter(({ figures: { now } }) => now === null);
  return [
    ...all.filter(({ figures: { now } }) => now !== null),
    ...[...Map.groupBy(gone, ({ node }) => node)].flatMap(([node, those]) => {
      const [one, ...others] = those.map(({ figures }) => figures);
      if (!one) return [];
      const { agent } = one;
      const figures = others.length === 0 ? one : sumOf([one, ...others], { agent, replica: GONE });
      return [{ node, figures }];
    }),
  ];
}

function replicaReport(census: Census, counted: Counted): ReplicaReport {
  const { replica, now, restarts, moved, methods } = counted.figures;
  return {
    replica,
    node: counted.node,
    now,
    ...requestReport(census, [counted], sumOfServed("", methods)),
    restarts,
    moved,
  };
}

/** @param method undefined for all methods */
function requestReport(
  census: Census,
  all: readonly Counted[],
  served: ServedFigures,
  method?: string,
): RequestReport {
  const { ended, ok, degraded, errors, running, waiting, cache, usage } = served;
  const growing = all.flatMap(({ figures: { replica, methods } }) =>
    methods
      .filter((each) => method === undefined || each.method === method)
      .map((each) => ({ replica, method: each.method })),
  );
  return {
    ended,
    ok,
    degraded,
    failed: failedIn(served),
    errors,
    perSecond: census.rates.of(growing),
    running: running.toJSON(),
    waiting: waiting.toJSON(),
    cache,
    usage,
  };
}

function nodeReport({ figures, silentMs }: KnownNode): NodeReport {
  const { node, uptimeMs, connection, process, replicas } = figures;
  return {
    node,
    uptimeMs: Math.round(uptimeMs + silentMs),
    silentMs: Math.round(silentMs),
    replicas: replicas.filter(({ now }) => now !== null).length,
    reconnects: connection.reconnects,
    ...process,
  };
}
