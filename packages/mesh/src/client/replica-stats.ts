import type { MovedFigures } from "../stats/figures.ts";
import { type ServiceRecord, numberIn, recordIn, recordsIn, textIn } from "./service-record.ts";

export interface MethodFigures {
  name: string;
  /** Requests that have ended. */
  requests: number;
  errors: number;
  /** Empty when there was none. */
  lastError: string;
  /** Mean time from a handler's start to its end; null before the first. */
  averageMs: number | null;
  /** Undefined where no answers are kept. */
  cache?: CacheFigures;
}

/** What a method's cache has done for requests, each counted once, and what it has. */
export interface CacheFigures {
  /** Fresh answers that were there. */
  hits: number;
  /** Answers that were given though they were not fresh, while a new one was made. */
  stale: number;
  /** Answers that were being made for another request. */
  joined: number;
  misses: number;
  /** Answers that were cleared, and that made room for others. */
  cleared: number;
  evicted: number;
  /** Answers that are kept now, and their bytes. */
  size: number;
  bytes: number;
}

export interface ReplicaStats {
  agent: string;
  replica: string;
  /** ISO 8601. */
  started: string;
  methods: MethodFigures[];
  /** How often its actor has begun anew. */
  restarts: number;
  moved: MovedFigures;
  /** What the agent shows of its state; empty when it shows nothing. */
  status: Readonly<Record<string, unknown>>;
}

/** Sorted by agent, then by replica. */
export function statsOf(records: readonly ServiceRecord[]): ReplicaStats[] {
  const all = records.map((record) => ({
    agent: textIn(record, "name"),
    replica: textIn(record, "id"),
    started: textIn(record, "started"),
    methods: recordsIn(record, "endpoints").map(figuresOf),
    restarts: numberIn(recordIn(record["data"]), "restarts"),
    moved: movedIn(recordIn(recordIn(record["data"])["moved"])),
    status: recordIn(recordIn(record["data"])["status"]),
  }));
  return all.sort((a, b) => a.agent.localeCompare(b.agent) || a.replica.localeCompare(b.replica));
}

function movedIn(moved: ServiceRecord): ReplicaStats["moved"] {
  return { away: numberIn(moved, "away"), stolen: numberIn(moved, "stolen"), here: numberIn(moved, "here") };
}

function figuresOf(endpoint: ServiceRecord): MethodFigures {
  const requests = numberIn(endpoint, "num_requests");
  const cache = recordIn(endpoint["data"])["cache"];
  return {
    name: textIn(endpoint, "name"),
    requests,
    errors: numberIn(endpoint, "num_errors"),
    lastError: textIn(endpoint, "last_error"),
    averageMs: requests > 0 ? numberIn(endpoint, "average_processing_time") / 1e6 : null,
    ...(cache === undefined ? {} : { cache: cacheFiguresOf(recordIn(cache)) }),
  };
}

function cacheFiguresOf(record: ServiceRecord): CacheFigures {
  return {
    hits: numberIn(record, "hits"),
    stale: numberIn(record, "stale"),
    joined: numberIn(record, "joined"),
    misses: numberIn(record, "misses"),
    cleared: numberIn(record, "cleared"),
    evicted: numberIn(record, "evicted"),
    size: numberIn(record, "size"),
    bytes: numberIn(record, "bytes"),
  };
}
