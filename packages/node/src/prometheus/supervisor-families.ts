import type { TargetFigures } from "@shoal/mesh";
import type { AgentFigures } from "./agent-figures.ts";
import { type Family, type Labels, type Sample, counter, gauge } from "./family.ts";

const BREAKER_STATES = ["closed", "half-open", "open"] as const;

interface Target {
  readonly labels: Labels;
  /** By replica. */
  readonly all: readonly TargetFigures[];
}

/** What supervisors think of their targets now. */
export function breakerFamily(agents: readonly AgentFigures[]): Family {
  const targets = targetsOf(agents).filter(({ all }) => all.some(({ breaker }) => breaker));
  return gauge(
    "shoal_breaker_state",
    "Replicas of a supervisor whose breaker for a target is in this state.",
    targets.flatMap(({ labels, all }) =>
      BREAKER_STATES.map((state) => ({
        labels: { ...labels, state },
        value: all.filter(({ breaker }) => breaker === state).length,
      })),
    ),
  );
}

/** What supervisors have asked for since each has last begun anew: of many nodes together it would fall when one goes. */
export function supervisorFamilies(agents: readonly AgentFigures[]): Family[] {
  const targets = targetsOf(agents);
  const total = (key: "attempts" | "failures" | "retries" | "hedges"): Sample[] =>
    targets.map(({ labels, all }) => ({ labels, value: all.reduce((sum, target) => sum + target[key], 0) }));
  const fallbacks = agents.flatMap(({ agent, replicas }) => {
    const counts = replicas.flatMap(({ supervisor }) => supervisor?.fallbacks ?? []);
    return counts.length > 0
      ? [{ labels: { agent }, value: counts.reduce((sum, each) => sum + each, 0) }]
      : [];
  });
  return [
    counter("shoal_fallbacks_total", "Times that a supervisor asked its next target.", fallbacks),
    counter("shoal_target_attempts_total", "Attempts of a supervisor at a target.", total("attempts")),
    counter("shoal_target_failures_total", "Those of them that failed.", total("failures")),
    counter("shoal_target_retries_total", "Those of them that repeated a failed one.", total("retries")),
    counter("shoal_target_hedges_total", "Those of them that ran beside a slow one.", total("hedges")),
  ];
}

function targetsOf(agents: readonly AgentFigures[]): Target[] {
  return agents.flatMap(({ agent, replicas }) => {
    const targets = replicas.flatMap(({ supervisor }) => supervisor?.targets ?? []);
    return [...Map.groupBy(targets, (target) => target.agent)].map(([target, all]) => ({
      labels: { agent, target },
      all,
    }));
  });
}
