import type { Job } from "../actor/job.ts";
import { MeshError } from "../errors.ts";
import { type Journal, SLOW_MS, recordOf } from "../tracing/journal.ts";
import type { RequestRecord, TraceRecord } from "../tracing/record.ts";
import type { WallClock } from "../tracing/wall-clock.ts";
import { type ControlRequest, textField } from "./control-request.ts";
import type { Operation } from "./operations.ts";
import type { Roll } from "./roll.ts";

/** Records in one answer: the newest of those that were asked for. */
const MOST = 500;

export interface TraceParts {
  readonly journal: Journal;
  readonly roll: Roll;
  readonly wall: WallClock;
}

/**
 * `{"op":"trace"}`: what a node remembers of the requests of late, and what it has now. The newest come first.
 *
 * - `trace`: all of this trace; `request`: requests, and attempts at them, whose id or trace begins with this.
 * - else requests alone: `agent` those of one agent, `failed` or `slow` only such, `limit` at most so many, from 1 to 500.
 *   Default 20.
 *
 * A node that has none of it says nothing.
 */
export function traceOperation(parts: TraceParts): Operation {
  return (request): { records: TraceRecord[] } | undefined => {
    const fits = filterOf(request);
    const records = [...present(parts), ...parts.journal].filter(fits);
    const newest = records.sort((a, b) => b.at - a.at).slice(0, limitOf(request));
    return newest.length > 0 ? { records: newest } : undefined;
  };
}

/** Requests that run now, and those that wait. */
function* present({ roll, wall }: TraceParts): Generator<RequestRecord> {
  for (const { actor } of roll.all) {
    const now = actor.clock.now();
    for (const job of actor.running) if (!job.ended) yield running(job, now, wall);
    for (const job of [...actor.mailbox, ...actor.awaiting])
      if (!job.ended) yield recordOf(job, wall, { waitedMs: job.waitedMs, outcome: "waiting" });
  }
}

function running(job: Job, now: number, wall: WallClock): RequestRecord {
  const ranMs = now - job.startedAt;
  return recordOf(job, wall, { waitedMs: job.waitedMs - ranMs, ranMs, outcome: "running" });
}

/** @throws MeshError `bad_request` */
function filterOf(request: ControlRequest): (record: TraceRecord) => boolean {
  const [trace, id, agent] = ["trace", "request", "agent"].map((field) => textField(request, field));
  if (trace !== undefined) return (record) => record.trace === trace;
  if (id !== undefined) {
    return (record) =>
      (record.kind === "request" || record.kind === "attempt") &&
      (record.id?.startsWith(id) === true || record.trace.startsWith(id));
  }
  const { failed = false, slow = false } = request;
  return (record) =>
    record.kind === "request" &&
    (agent === undefined || record.target.startsWith(`${agent}.`) || record.target === agent) &&
    (!failed || !WELL.has(record.outcome)) &&
    (!slow || record.waitedMs + (record.ranMs ?? 0) >= SLOW_MS);
}

const WELL: ReadonlySet<string> = new Set(["ok", "moved", "running", "waiting"]);

function limitOf({ trace, request, limit = (trace ?? request) ? MOST : 20 }: ControlRequest): number {
  if (typeof limit === "number" && Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new MeshError("bad_request", `"limit" of trace must be a whole number from 1 to ${MOST}.`);
}
