import type { TargetFigures } from "@shoal/mesh";
import type { AgentFigures } from "./agent-figures.ts";
import { type Family, type Labels, type Sample, counter, gauge } from "./family.ts";

const BREAKER_STATES = ["closed", "half-open", "open"] as const;

/** What supervisors have asked their targets, and what they think of them. */
export function supervisorFamilies(agents: readonly AgentFigures[]): Family[] {
  const supervisors = agents.flatMap(({ agent, replicas }) => {
    const states = replicas.flatMap(({ supervisor }) => (supervisor ? [supervisor] : []));
    return states.length > 0 ? [{ agent, states }] : [];
  });
  const targets = supervisors.flatMap(({ agent, states }) =>
    [
      ...Map.groupBy(
        states.flatMap((state) => state.targets),
        (target) => target.agent,
      ),
    ].map(([target, all]) => ({
      labels: { agent, target },
      all,
    })),
  );
  const each = (samplesOf: (all: readonly TargetFigures[], labels: Labels) => readonly Sample[]): Sample[] =>
    targets.flatMap(({ all, labels }) => samplesOf(all, labels));
  const total = (key: "attempts" | "failures" | "retries" | "hedges"): Sample[] =>
    each((all, labels) => [{ labels, value: all.reduce((sum, target) => sum + target[key], 0) }]);
  return [
    gauge(
      "shoal_breaker_state",
      "Replicas of a supervisor whose breaker for a target is in this state.",
      each((all, labels) =>
        all.some(({ breaker }) => breaker)
          ? BREAKER_STATES.map((state) => ({
              labels: { ...labels, state },
              value: all.filter(({ breaker }) => breaker === state).length,
            }))
          : [],
      ),
    ),
    counter(
      "shoal_fallbacks_total",
      "Times that a supervisor asked its next target.",
      supervisors.map(({ agent, states }) => ({
        labels: { agent },
        value: states.reduce((sum, { fallbacks }) => sum + fallbacks, 0),
      })),
    ),
    counter("shoal_target_attempts_total", "Attempts of a supervisor at a target.", total("attempts")),
    counter("shoal_target_failures_total", "Those of them that failed.", total("failures")),
    counter("shoal_target_retries_total", "Those of them that repeated a failed one.", total("retries")),
    counter("shoal_target_hedges_total", "Those of them that ran beside a slow one.", total("hedges")),
  ];
}
