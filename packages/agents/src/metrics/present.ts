import type { PresentFigures, SupervisorFigures, TargetFigures } from "@shoal/mesh";

/** The worst comes last. */
const BREAKERS = [undefined, "closed", "half-open", "open"] as const;

/** What several replicas are doing, together; null without one. */
export function presentTogether(all: readonly PresentFigures[]): PresentFigures | null {
  if (all.length === 0) return null;
  const sum = (key: "slots" | "running" | "waiting" | "sessions"): number =>
    all.reduce((total, each) => total + each[key], 0);
  return {
    slots: sum("slots"),
    running: sum("running"),
    waiting: sum("waiting"),
    oldestRunningMs: oldest(all.map(({ oldestRunningMs }) => oldestRunningMs)),
    oldestWaitingMs: oldest(all.map(({ oldestWaitingMs }) => oldestWaitingMs)),
    sessions: sum("sessions"),
  };
}

/** What the replicas of a supervisor know of its targets: a breaker is as the worst of them has it. Null without one. */
export function targetsTogether(all: readonly SupervisorFigures[]): SupervisorFigures | null {
  if (all.length === 0) return null;
  const byAgent = Map.groupBy(
    all.flatMap(({ targets }) => targets),
    ({ agent }) => agent,
  );
  return {
    fallbacks: all.reduce((sum, { fallbacks }) => sum + fallbacks, 0),
    targets: [...byAgent].map(([agent, targets]) => targetTogether(agent, targets)),
  };
}

function targetTogether(agent: string, all: readonly TargetFigures[]): TargetFigures {
  const sum = (key: "attempts" | "failures" | "retries" | "hedges"): number =>
    all.reduce((total, each) => total + each[key], 0);
  const worst = Math.max(...all.map(({ breaker }) => BREAKERS.indexOf(breaker)));
  return {
    agent,
    breaker: BREAKERS[worst],
    attempts: sum("attempts"),
    failures: sum("failures"),
    retries: sum("retries"),
    hedges: sum("hedges"),
  };
}

function oldest(ages: readonly (number | null)[]): number | null {
  const known = ages.filter((age) => age !== null);
  return known.length === 0 ? null : Math.max(...known);
}
