import { MethodStats } from "../../src/actor/stats.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { Departed } from "../../src/stats/departed.ts";
import type { NodeFigures, ReplicaFigures, ServedFigures } from "../../src/stats/figures.ts";

interface CountedReplica {
  readonly agent: string;
  readonly replica: string;
  readonly methods: Map<string, MethodStats>;
}

/** The figures of a node, without the node. */
export class CountedNode {
  readonly node: string;
  private replicas: CountedReplica[] = [];
  private readonly departed = new Departed();
  private serial = 0;

  constructor(node: string) {
    this.node = node;
  }

  add(agent: string): void {
    this.replicas.push({ agent, replica: `${this.node}-${++this.serial}`, methods: new Map() });
  }

  /** A request ends. False where there is no replica that could have had it. */
  end(at: number, { method, ms, code }: { method: string; ms: number; code: ErrorCode | "ok" }): boolean {
    const replica = this.replicas[at % Math.max(1, this.replicas.length)];
    if (!replica) return false;
    const stats = replica.methods.get(method) ?? new MethodStats();
    replica.methods.set(method, stats);
    stats.end(ms / 2, ms);
    if (code !== "ok") stats.count({ code, message: "as asked" });
    return true;
  }

  stop(at: number): void {
    const [replica] = this.replicas.splice(at % Math.max(1, this.replicas.length), 1);
    if (replica) this.departed.add(figuresOf(replica));
  }

  get figures(): NodeFigures {
    return {
      node: this.node,
      uptimeMs: 1,
      connection: { isConnected: true, reconnects: 0 },
      process: { rssBytes: 1, heapUsedBytes: 1, loopLag: null },
      replicas: [...this.replicas.map(figuresOf), ...this.departed.all],
    };
  }
}

function figuresOf({ agent, replica, methods }: CountedReplica): ReplicaFigures {
  return {
    agent,
    replica,
    now: { slots: 1, running: 0, waiting: 0, oldestRunningMs: null, oldestWaitingMs: null, sessions: 0 },
    restarts: 0,
    moved: { away: 0, stolen: 0, here: 0 },
    tasks: { done: 0, retried: 0, dead: 0 },
    unserved: {},
    methods: [...methods].map(([method, stats]) => servedOf(method, stats)),
    supervisor: null,
  };
}

function servedOf(method: string, stats: MethodStats): ServedFigures {
  const { ended, failed, degraded, errors, running, waiting, usage } = stats;
  return {
    method,
    ended,
    ok: ended - failed - degraded,
    degraded,
    errors: { ...errors },
    running,
    waiting,
    cache: null,
    usage: { ...usage },
  };
}
