import type { Actor } from "../actor/actor.ts";
import type { Method } from "../actor/method.ts";
import type {
  MovedFigures,
  PresentFigures,
  ReplicaFigures,
  ServedFigures,
  SupervisorFigures,
  TaskFigures,
} from "../stats/figures.ts";

/** A replica, as far as it is counted. */
export interface Counted {
  readonly id: string;
  readonly actor: Actor;
  /** Undefined for one that shares its load with nobody. */
  readonly moved: MovedFigures | undefined;
  readonly tasks: TaskFigures;
}

const NONE_MOVED: MovedFigures = { away: 0, stolen: 0, here: 0 };

/** What a replica has done and does. Its distributions are recorded into further: copy them to keep them as they are. */
export function replicaFigures({ id, actor, moved, tasks }: Counted): ReplicaFigures {
  return {
    agent: actor.name,
    replica: id,
    now: presentFigures(actor),
    restarts: actor.lives.renewals,
    moved: moved ?? NONE_MOVED,
    tasks: { ...tasks },
    unserved: { ...actor.methods.unserved.errors },
    methods: Array.from(actor.methods, servedFigures),
    supervisor: supervisorFigures(actor),
  };
}

function presentFigures(actor: Actor): PresentFigures {
  const [oldest] = actor.running;
  const now = actor.clock.now();
  return {
    slots: actor.slots,
    running: actor.inFlight,
    waiting: actor.waiting,
    oldestRunningMs: oldest ? now - oldest.startedAt : null,
    oldestWaitingMs: actor.waiting > 0 ? actor.outlook.oldestMs : null,
    sessions: actor.sessions?.size ?? 0,
  };
}

function servedFigures({ name, stats, cache }: Method): ServedFigures {
  const { ended, degraded, failed, errors, running, waiting, usage } = stats;
  const counts = cache?.stats;
  return {
    method: name,
    ended,
    ok: ended - degraded - failed,
    degraded,
    errors: { ...errors },
    running,
    waiting,
    cache: counts
      ? { hits: counts.hits, stale: counts.stale, joined: counts.joined, misses: counts.misses }
      : null,
    usage: { ...usage },
  };
}

/** Only a supervisor's own status is asked for here: what other agents show of themselves may cost anything. */
function supervisorFigures(actor: Actor): SupervisorFigures | null {
  if (!actor.agent.supervises) return null;
  const { fallbacks = 0, targets = [] } = (actor.inspect() ?? {}) as Partial<SupervisorFigures>;
  return {
    fallbacks,
    targets: targets.map(({ agent, breaker, attempts, failures, retries, hedges }) => ({
      agent,
      breaker,
      attempts,
      failures,
      retries,
      hedges,
    })),
  };
}
