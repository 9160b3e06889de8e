/**
 * Whether a node can be given work, as load balancers and Kubernetes ask for it.
 *
 * HE3: ready means all of it: connected to NATS, every agent in its pool, and not about to leave.
 */

/** One replica that this node is to serve. */
interface Served {
  readonly agent: string;
  /** It is in its pool. */
  readonly serves: boolean;
}

export interface NodeState {
  /** Undefined while NATS has not answered yet. */
  readonly isConnected: boolean | undefined;
  /** Where NATS is, for people. */
  readonly nats: string;
  /** Names of the agents that it is to serve. */
  readonly agents: readonly string[];
  /** Its replicas; undefined while they start. */
  readonly replicas: readonly Served[] | undefined;
  readonly isLeaving: boolean;
}

/** Readable JSON: the body of the page. */
export interface Readiness {
  readonly ready: boolean;
  /** What is not as it must be, each in a sentence. Empty when it is ready. */
  readonly missing: readonly string[];
}

export function readinessOf({ isConnected, nats, agents, replicas, isLeaving }: NodeState): Readiness {
  const missing: string[] = [];
  if (isLeaving) missing.push("it drains: work that runs is finished, and no more is taken");
  if (isConnected === undefined) missing.push(`NATS at ${nats} has not answered yet`);
  else if (!isConnected) missing.push(`the connection to NATS at ${nats} is lost`);
  if (!isLeaving && isConnected !== undefined)
    missing.push(...agents.flatMap((agent) => lackOf(agent, replicas)));
  return { ready: missing.length === 0, missing };
}

function lackOf(agent: string, replicas: readonly Served[] | undefined): string[] {
  if (!replicas) return [`${agent} still starts`];
  const own = replicas.filter((each) => each.agent === agent);
  const serving = own.filter(({ serves }) => serves).length;
  if (serving > 0 && serving === own.length) return [];
  return [
    own.length < 2
      ? `${agent} has stopped`
      : `of ${own.length} replicas of ${agent} ${own.length - serving} ${own.length - serving === 1 ? "has" : "have"} stopped`,
  ];
}
