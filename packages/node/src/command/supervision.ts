import type { ReplicaStats } from "@shoal/mesh/client";

/** A supervisor and those that it asks, as all its replicas know them together. */
export interface Supervision {
  replicas: number;
  requests: number;
  /** Answers that were the next best. */
  degraded: number;
  failed: number;
  /** Answers that are kept for when there is none. */
  cached: number;
  policy: Figures;
  /** In the order in which they are asked. */
  targets: SupervisedTarget[];
}

export interface SupervisedTarget {
  agent: string;
  /** Its replicas on this mesh. */
  replicas: number;
  /** Of the supervisor's replicas: how many have its breaker in each state. Empty without breakers. */
  breaker: Record<string, number>;
  attempts: number;
  failures: number;
  retries: number;
  hedges: number;
  /** The longest that a replica has measured of a method; null while none has 20 answers. */
  p95Ms: number | null;
  /** Retries and hedges that there may be at once now. */
  budget: number;
  /** Those that the budget did not allow. */
  overBudget: number;
  /** Codes, each once. */
  lastErrors: string[];
  /** When it is a supervisor itself. */
  supervision?: Supervision | undefined;
}

/** What somebody on the mesh said: nothing is certain about its fields. */
export type Figures = Readonly<Record<string, unknown>>;

export function isSupervisor({ status }: ReplicaStats): boolean {
  return status["supervisor"] === true;
}

/**
 * Undefined for an agent that is no supervisor.
 * @param stats those of the whole mesh
 * @param above supervisors on the way here, which are not told again
 */
export function supervisionOf(
  name: string,
  stats: readonly ReplicaStats[],
  above: readonly string[] = [],
): Supervision | undefined {
  const all = stats.filter((each) => each.agent === name && isSupervisor(each)).map(({ status }) => status);
  const [first] = all;
  if (!first || above.includes(name)) return undefined;
  const views = all.flatMap((status) =>
    listIn(status, "targets").map((target, place) => ({ target, place })),
  );
  // The same agent twice is two targets; replicas of another version may have others.
  const targets = Map.groupBy(views, ({ target, place }) => `${place} ${textIn(target, "agent")}`);
  return {
    replicas: all.length,
    requests: sum(all, "requests"),
    degraded: sum(all, "degraded"),
    failed: sum(all, "failed"),
    cached: sum(all, "cached"),
    policy: figuresIn(first, "policy"),
    targets: [...targets.values()].map((each) =>
      targetOf(
        each.map(({ target }) => target),
        stats,
        [...above, name],
      ),
    ),
  };
}

function targetOf(
  views: readonly Figures[],
  stats: readonly ReplicaStats[],
  above: readonly string[],
): SupervisedTarget {
  const agent = textIn(views[0] ?? {}, "agent");
  const p95s = views
    .flatMap((view) => Object.values(figuresIn(view, "p95Ms")))
    .filter((ms) => typeof ms === "number");
  return {
    agent,
    replicas: stats.filter((each) => each.agent === agent).length,
    breaker: counted(textsIn(views, "breaker")),
    attempts: sum(views, "attempts"),
    failures: sum(views, "failures"),
    retries: sum(views, "retries"),
    hedges: sum(views, "hedges"),
    p95Ms: p95s.length > 0 ? Math.max(...p95s) : null,
    budget: sum(views, "budget"),
    overBudget: sum(views, "overBudget"),
    lastErrors: [...new Set(textsIn(views, "lastError"))],
    supervision: supervisionOf(agent, stats, above),
  };
}

function counted(texts: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(texts, (text) => text);
  return Object.fromEntries([...groups].map(([text, each]) => [text, each.length]));
}

export function figuresIn(figures: Figures, key: string): Figures {
  const value = figures[key];
  return typeof value === "object" && value !== null ? (value as Figures) : {};
}

function listIn(figures: Figures, key: string): Figures[] {
  const value = figures[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}

function textIn(figures: Figures, key: string): string {
  const value = figures[key];
  return typeof value === "string" ? value : "";
}

function textsIn(all: readonly Figures[], key: string): string[] {
  return all.map((figures) => textIn(figures, key)).filter(Boolean);
}

function sum(all: readonly Figures[], key: string): number {
  return all.reduce((total, figures) => total + (Number(figures[key]) || 0), 0);
}
