import type { Job } from "../actor/job.ts";
import type { Replica, ReplicaPhase } from "../pool/replica.ts";
import type { MovedFigures } from "../stats/figures.ts";

/** What a node tells of itself. Times are in milliseconds, sizes in bytes. */
export interface NodeInspection {
  readonly node: string;
  /** Of Shoal; undefined where its package cannot be found. */
  readonly version: string | undefined;
  /** Of Node.js. */
  readonly runtime: string;
  readonly host: string;
  readonly pid: number;
  /** By its own clock, ISO 8601: compared with others, it tells how far clocks are apart. */
  readonly now: string;
  readonly upMs: number;
  readonly memory: { readonly rss: number; readonly heapUsed: number };
  readonly connection: string;
  /** Subjects that it listens to, and the queue group of each that has one; none where a part of the node was asked for. */
  readonly subscriptions: readonly { readonly subject: string; readonly queue?: string | undefined }[];
  readonly replicas: readonly ReplicaInspection[];
}

export interface ReplicaInspection {
  readonly replica: string;
  readonly agent: string;
  readonly version: string;
  readonly phase: ReplicaPhase;
  /** How often its actor has begun anew. */
  readonly restarts: number;
  readonly slots: number;
  readonly running: number;
  readonly waiting: number;
  /** Requests in no mailbox: their answers are made for others, or their sessions are busy. */
  readonly awaiting: number;
  readonly mailbox: { readonly capacity: number; readonly bytes: number };
  /** Sessions that are in its memory; undefined for an agent that has none. */
  readonly sessions: number | undefined;
  readonly moved: MovedFigures | undefined;
  /** The oldest of what runs, and of what waits: no more than was asked for. */
  readonly oldestRunning: readonly RequestInspection[];
  readonly oldestWaiting: readonly RequestInspection[];
  /** What the agent shows of its state; undefined when it shows nothing. */
  readonly status: Readonly<Record<string, unknown>> | undefined;
}

export interface RequestInspection {
  readonly request: string;
  readonly method: string;
  /** Since its handler began; of one that waits, since it came to the pool. */
  readonly ageMs: number;
  /** Until its deadline: 0 when that is over, and its handler runs still. */
  readonly remainingMs: number;
  readonly session: string | undefined;
  /** Its caller has been answered already, and its handler has not returned. */
  readonly hasEnded: boolean;
  /** It runs far longer than others of its method do. */
  readonly isStuck: boolean;
}

/** @param most requests that are told of, of those that run and of those that wait */
export function inspectReplica(
  replica: Replica,
  most: number,
  isStuck: (job: Job) => boolean,
): ReplicaInspection {
  const { actor } = replica;
  const { mailbox, clock } = actor;
  const now = clock.now();
  const told = ({ job, ageMs }: Aged): RequestInspection => ({
    request: job.inbound.id,
    method: job.method.name,
    ageMs: Math.round(ageMs),
    remainingMs: Math.round(job.remainingMs),
    session: job.session?.id,
    hasEnded: job.ended,
    isStuck: isStuck(job),
  });
  const waiting = [...mailbox, ...actor.awaiting];
  return {
    replica: replica.id,
    agent: replica.name,
    version: actor.agent.contract.version,
    phase: replica.phase,
    restarts: actor.lives.renewals,
    slots: actor.slots,
    running: actor.inFlight,
    waiting: mailbox.size,
    awaiting: waiting.length - mailbox.size,
    mailbox: { capacity: mailbox.capacity, bytes: mailbox.bytes },
    sessions: actor.sessions?.size,
    moved: replica.moved,
    oldestRunning: oldest(actor.running, (job) => now - job.startedAt, most).map(told),
    oldestWaiting: oldest(waiting, (job) => job.waitedMs, most).map(told),
    status: shownBy(replica),
  };
}

interface Aged {
  readonly job: Job;
  readonly ageMs: number;
}

function oldest(jobs: Iterable<Job>, ageOf: (job: Job) => number, most: number): Aged[] {
  const aged = Array.from(jobs, (job) => ({ job, ageMs: ageOf(job) }));
  return aged.sort((a, b) => b.ageMs - a.ageMs).slice(0, most);
}

/** An agent whose hook throws does not keep the rest from being told. */
function shownBy({ actor }: Replica): Readonly<Record<string, unknown>> | undefined {
  try {
    return actor.inspect();
  } catch (error) {
    return { error: `its inspect hook failed: ${error instanceof Error ? error.message : typeof error}` };
  }
}
