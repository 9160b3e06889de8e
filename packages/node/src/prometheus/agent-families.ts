import type { PresentFigures, ReplicaFigures } from "@shoal/mesh";
import type { AgentFigures } from "./agent-figures.ts";
import { type Family, type Sample, counter, gauge } from "./family.ts";

/** What an agent's replicas do, and what has become of them. */
export function agentFamilies(agents: readonly AgentFigures[]): Family[] {
  const now = (of: (present: PresentFigures) => number): Sample[] =>
    agents.map(({ agent, replicas }) => ({ labels: { agent }, value: sum(replicas, of) }));
  const each = (label: string, of: (total: ReplicaFigures) => Readonly<Record<string, number>>): Sample[] =>
    agents.flatMap(({ agent, total }) =>
      Object.entries(of(total)).map(([key, value]) => ({ labels: { agent, [label]: key }, value })),
    );
  return [
    gauge(
      "shoal_replicas",
      "Replicas that are here.",
      now(() => 1),
    ),
    gauge(
      "shoal_slots",
      "Requests that may run at once.",
      now(({ slots }) => slots),
    ),
    gauge(
      "shoal_requests_in_flight",
      "Requests that run.",
      now(({ running }) => running),
    ),
    gauge(
      "shoal_mailbox_depth",
      "Requests that wait for a slot.",
      now(({ waiting }) => waiting),
    ),
    gauge(
      "shoal_oldest_request_age_seconds",
      "Age of the request that has run, and that has waited, for the longest; 0 without one.",
      agents.flatMap(({ agent, replicas }) => [
        { labels: { agent, state: "running" }, value: oldest(replicas, (now) => now.oldestRunningMs) },
        { labels: { agent, state: "waiting" }, value: oldest(replicas, (now) => now.oldestWaitingMs) },
      ]),
    ),
    gauge(
      "shoal_sessions",
      "Sessions in memory.",
      now(({ sessions }) => sessions),
    ),
    counter(
      "shoal_restarts_total",
      "Times that actors were begun anew after a failure.",
      agents.map(({ agent, total }) => ({ labels: { agent }, value: total.restarts })),
    ),
    counter(
      "shoal_handovers_total",
      "Requests that moved between replicas of a pool: away from here, and to here.",
      each("direction", ({ moved: { away, here } }) => ({ away, here })),
    ),
    counter(
      "shoal_steals_total",
      "Requests of those that moved away that a replica which had time came for: the others were offered.",
      agents.map(({ agent, total }) => ({ labels: { agent }, value: total.moved.stolen })),
    ),
    counter(
      "shoal_task_attempts_total",
      "Attempts at durable tasks that ended: done, to be retried, or dead.",
      each("outcome", ({ tasks }) => ({ ...tasks })),
    ),
  ];
}

function sum(replicas: readonly ReplicaFigures[], of: (present: PresentFigures) => number): number {
  return replicas.reduce((total, { now }) => total + (now ? of(now) : 0), 0);
}

/** In seconds. */
function oldest(replicas: readonly ReplicaFigures[], of: (present: PresentFigures) => number | null): number {
  return Math.max(0, ...replicas.map(({ now }) => (now && of(now)) ?? 0)) / 1_000;
}
