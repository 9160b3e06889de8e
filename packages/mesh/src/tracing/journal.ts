import type { MeshError } from "../errors.ts";
import { type Trace, spanOf } from "../protocol/trace.ts";
import { brief, briefFields } from "./brief.ts";
import { Choice } from "./choice.ts";
import type { AttemptRecord, RequestRecord, SpanRecord, TraceRecord } from "./record.ts";
import { Ring } from "./ring.ts";
import type { WallClock } from "./wall-clock.ts";

/**
 * What a node remembers of the requests of late, for whoever asks what became of one.
 *
 * TR3: bounded, whatever comes, and however long its texts are: the newest records are kept, those of failures and of slow requests apart, so that the many
 *      that went well do not push them out.
 * TR4: what failed, was slow, or asked for it is written down; of the rest, and of failures in a storm, as many as cost next to nothing.
 */

/** Of each of the two parts. */
const CAPACITY = 2_000;
/** Requests that went well and were fast. */
const MOST_ORDINARY = 500;
const MOST_NOTABLE = 2_000;
/** Milliseconds from arrival to end. */
export const SLOW_MS = 250;

/** A request at a replica, as it is written down. */
export interface Written {
  readonly inbound: {
    readonly id: string;
    readonly attempt: number;
    readonly idempotencyKey: string | undefined;
    readonly trace: Trace | undefined;
    readonly moves?: number;
    readonly waitedMs?: number;
    readonly task?: string;
    readonly session?: string | undefined;
    /** The same for all requests of one trace: a whole number below 2³². Default: from its ids. */
    readonly lot?: number | undefined;
  };
  readonly method: { readonly target: string };
  readonly actor: { readonly replica: string };
  readonly metadata: { readonly cache?: { readonly result: string } } | undefined;
  /** What it has caused belongs to this. */
  readonly trace: Trace;
  /** Its own, where it has been recorded. */
  readonly span: { readonly trace: Trace } | undefined;
  /** By the mesh's clock. */
  readonly arrivedAt: number;
}

export class Journal {
  private readonly wall: WallClock;
  private readonly ordinary = new Ring<TraceRecord>(CAPACITY);
  private readonly notable = new Ring<TraceRecord>(CAPACITY);
  private readonly fewOrdinary = new Choice(MOST_ORDINARY);
  private readonly fewNotable = new Choice(MOST_NOTABLE);

  constructor(wall: WallClock) {
    this.wall = wall;
  }

  /**
   * @param waitedMs in all the places where it has waited
   * @param ranMs undefined when its handler was not called
   */
  ended(
    request: Written,
    now: number,
    waitedMs: number,
    ranMs: number | undefined,
    error: MeshError | undefined,
  ): void {
    const { inbound } = request;
    const isNotable = error !== undefined || waitedMs + (ranMs ?? 0) >= SLOW_MS;
    // TR4
    const few = isNotable ? this.fewNotable : this.fewOrdinary;
    if (!few.takes(inbound.lot ?? lotOf(inbound), now) && !inbound.trace?.sampled) return;
    const outcome = error?.code ?? "ok";
    (isNotable ? this.notable : this.ordinary).push(
      recordOf(request, this.wall, { waitedMs, ranMs, outcome, message: shortened(error) }),
    );
  }

  /** @param to the replica that has it now */
  moved(request: Written, now: number, waitedMs: number, to: string): void {
    const { inbound } = request;
    if (!this.fewOrdinary.takes(inbound.lot ?? lotOf(inbound), now)) return;
    this.ordinary.push(recordOf(request, this.wall, { waitedMs, outcome: "moved", movedTo: to }));
  }

  /** An attempt that was made here has failed. */
  failed(attempt: Omit<AttemptRecord, "kind" | "at" | "outcome" | "message">, error: MeshError): void {
    const { now } = this.wall;
    const record = { outcome: error.code, message: shortened(error), at: now };
    if (this.fewNotable.takes(lotIn(attempt.trace), now))
      this.notable.push({ kind: "attempt", ...attempt, ...record });
  }

  /** A piece of work of a handler has ended. */
  piece(piece: Omit<SpanRecord, "kind" | "message" | "outcome">, error: MeshError | undefined): void {
    const isNotable = error !== undefined || piece.tookMs >= SLOW_MS;
    const few = isNotable ? this.fewNotable : this.fewOrdinary;
    if (!few.takes(lotIn(piece.trace), this.wall.now)) return;
    (isNotable ? this.notable : this.ordinary).push({
      kind: "span",
      ...piece,
      fields: briefFields(piece.fields),
      outcome: error?.code ?? "ok",
      message: shortened(error),
    });
  }

  /** What is caused by a call with a span of its own belongs to what has made that. */
  call(span: string, parent: Trace): void {
    const { now } = this.wall;
    if (!this.fewOrdinary.takes(lotIn(parent.traceId), now)) return;
    this.ordinary.push({ kind: "call", trace: parent.traceId, parent: parent.spanId, span, at: now });
  }

  /** All of it; the newest of each part first. */
  *[Symbol.iterator](): Generator<TraceRecord> {
    yield* this.notable;
    yield* this.ordinary;
  }
}

/** A request as it is now. */
export function recordOf(
  request: Written,
  wall: WallClock,
  rest: Pick<RequestRecord, "waitedMs" | "outcome"> & Partial<RequestRecord>,
): RequestRecord {
  const { inbound, method, actor, metadata, trace, arrivedAt } = request;
  const span = request.span?.trace.spanId ?? spanOf(inbound.id);
  const parent = inbound.trace?.spanId;
  const { id, attempt, idempotencyKey, moves = 0, session, task } = inbound;
  const cache = metadata?.cache?.result;
  return {
    kind: "request",
    id,
    trace: trace.traceId,
    span,
    parent: parent === span ? undefined : parent,
    target: method.target,
    replica: actor.replica,
    attempt,
    key: idempotencyKey === undefined ? undefined : brief(idempotencyKey),
    moves,
    at: wall.at(arrivedAt),
    cache: cache === "miss" ? undefined : cache,
    session,
    task,
    ...rest,
  };
}

function lotOf({ trace, id }: Written["inbound"]): number {
  return lotIn(trace?.traceId ?? id);
}

function lotIn(traceId: string): number {
  return Number.parseInt(traceId.slice(24), 16);
}

function shortened(error: MeshError | undefined): string | undefined {
  return error && brief(error.message);
}
