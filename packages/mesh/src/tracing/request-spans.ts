import type { MeshError } from "../errors.ts";
import type { Trace } from "../protocol/trace.ts";
import { Attribute, SYSTEM } from "./attributes.ts";
import type { OpenSpan } from "./open-span.ts";
import type { SpanOptions, Tracer } from "./tracer.ts";
import type { WallClock } from "./wall-clock.ts";

/** A request at a replica, as its spans tell of it. */
export interface Served {
  readonly inbound: {
    readonly id: string;
    readonly trace: Trace | undefined;
    readonly attempt: number;
    readonly moves?: number;
    readonly waitedMs?: number;
    readonly task?: string;
  };
  readonly method: { readonly target: string };
  readonly actor: { readonly name: string; readonly replica: string };
  /** By the mesh's clock, as all times here. */
  readonly arrivedAt: number;
  span: OpenSpan | undefined;
}

/**
 * The spans of requests at the replicas of a node: one for each request, from its arrival to its end, with the handler inside
 * it; what it waited is a span within. Where it moves to another replica there is a span `handover` instead, and the other has the request's own.
 */
export class RequestSpans {
  private readonly tracer: Tracer;
  private readonly wall: WallClock;

  constructor(tracer: Tracer, wall: WallClock) {
    this.tracer = tracer;
    this.wall = wall;
  }

  /** Its handler is about to be called. */
  begun(served: Served, now: number): void {
    const span = this.open(served);
    served.span = span;
    this.waited(span, served, now, undefined);
  }

  /** @param error what it has ended with */
  ended(served: Served, now: number, error: MeshError | undefined): void {
    const span = served.span ?? this.open(served);
    if (!served.span) this.waited(span, served, now, error);
    span.end(error, this.wall.at(now));
  }

  /** @param to the replica that has it now */
  moved(served: Served, now: number, to: string): void {
    const { trace, attributes, startAt } = this.termsOf(served);
    const span = this.tracer.from(trace, `handover ${served.method.target}`, {
      attributes: { ...attributes, [Attribute.movedTo]: to },
      startAt,
    });
    span.end(undefined, this.wall.at(now));
  }

  /** A piece of a handler's work. @param trace that of its request */
  piece(name: string, options: SpanOptions, trace: Trace): OpenSpan {
    return this.tracer.here(name, options, trace);
  }

  private open(served: Served): OpenSpan {
    const { trace, attributes, startAt } = this.termsOf(served);
    const kind = served.inbound.task === undefined ? "server" : "consumer";
    return this.tracer.from(trace, served.method.target, { kind, attributes, startAt });
  }

  /** A request that is begun in the turn in which it came has not waited. */
  private waited(span: OpenSpan, served: Served, now: number, error: MeshError | undefined): void {
    const here = now - served.arrivedAt;
    const inAll = here + (served.inbound.waitedMs ?? 0);
    if (inAll <= 0) return;
    span.set({ [Attribute.waitedMs]: Math.round(inAll * 1_000) / 1_000 });
    if (here <= 0) return;
    const startAt = this.wall.at(served.arrivedAt);
    const queue = span.within(() => this.tracer.here(`queue ${served.method.target}`, { startAt }));
    queue.end(error, this.wall.at(now));
  }

  private termsOf({ inbound, method, actor, arrivedAt }: Served): {
    trace: Trace | undefined;
    attributes: Record<string, string | number>;
    startAt: number;
  } {
    const { id, trace, attempt, moves = 0, task } = inbound;
    return {
      trace,
      startAt: this.wall.at(arrivedAt),
      attributes: {
        [Attribute.system]: SYSTEM,
        [Attribute.method]: method.target,
        [Attribute.agent]: actor.name,
        [Attribute.replica]: actor.replica,
        [Attribute.request]: id,
        [Attribute.attempt]: attempt,
        ...(moves > 0 ? { [Attribute.moves]: moves } : {}),
        ...(task === undefined ? {} : { [Attribute.task]: task }),
      },
    };
  }
}
