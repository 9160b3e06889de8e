import type { MeshError } from "../errors.ts";
import type { Trace } from "../protocol/trace.ts";
import { Attribute } from "./attributes.ts";
import type { Journal } from "./journal.ts";
import type { OpenSpan } from "./open-span.ts";
import type { Tracer } from "./tracer.ts";
import type { WallClock } from "./wall-clock.ts";

/** An attempt at a call, and what became of it. */
export interface CallAttempt {
  /** 1 for the first. */
  readonly attempt: number;
  /** Its request's id; undefined where it has none. */
  readonly id: string | undefined;
  readonly replica: string | undefined;
}

export interface CallSpanParts {
  readonly tracer: Tracer;
  readonly wall: WallClock;
  /** Undefined for a client that nobody asks. */
  readonly journal: Journal | undefined;
}

/** A call as its caller sees it. Where it is sent more than once, each attempt has a span of its own inside. */
export class CallSpan {
  private readonly parts: CallSpanParts;
  private readonly span: OpenSpan;
  private readonly target: string;
  private attempt: OpenSpan | undefined;
  private since: number;

  constructor(parts: CallSpanParts, span: OpenSpan, target: string) {
    this.parts = parts;
    this.span = span;
    this.target = target;
    this.since = parts.wall.now;
  }

  /** What goes with the present attempt. */
  get trace(): Trace {
    return (this.attempt ?? this.span).trace;
  }

  within<T>(run: () => T): T {
    return this.span.within(run);
  }

  /** The present attempt is given up, and another is made. */
  sentAgain(error: MeshError, present: CallAttempt): void {
    const { attempt, replica } = present;
    const { now } = this.parts.wall;
    // Its first attempt had no span as long as it was the only one.
    const lost = this.attempt ?? this.begin(attempt, this.since);
    lost.set(attributesOf(present));
    lost.end(error, now);
    this.span.event("resend", {
      [Attribute.errorType]: error.code,
      [Attribute.attempt]: attempt + 1,
      ...(replica === undefined ? {} : { [Attribute.replica]: replica }),
    });
    this.since = now;
    this.attempt = this.begin(attempt + 1, now);
  }

  /** @param present undefined where there were several, each with a span of its own */
  end(error: MeshError | undefined, present?: CallAttempt): void {
    const { now } = this.parts.wall;
    const attributes = present ? attributesOf(present) : {};
    this.attempt?.set(attributes);
    this.attempt?.end(error, now);
    this.span.set(attributes);
    this.span.end(error, now);
  }

  private begin(attempt: number, startAt: number): OpenSpan {
    const { tracer, journal } = this.parts;
    const span = this.span.within(() =>
      tracer.here(`attempt ${this.target}`, {
        startAt,
        attributes: { [Attribute.attempt]: attempt, [Attribute.method]: this.target },
      }),
    );
    journal?.call(span.trace.spanId, this.span.trace);
    return span;
  }
}

export interface CallOf {
  readonly agent: string;
  /** `agent.method`, or the agent alone for its default method. */
  readonly target: string;
  /** It makes the attempts itself: they are calls inside it. */
  readonly isKept?: boolean;
  /** 1 for the first of the attempts that a policy makes; undefined where none does. */
  readonly trial?: number | undefined;
}

function attributesOf({ attempt, id, replica }: CallAttempt): Record<string, string | number> {
  return {
    [Attribute.attempt]: attempt,
    ...(id === undefined ? {} : { [Attribute.request]: id }),
    ...(replica === undefined ? {} : { [Attribute.replica]: replica }),
  };
}
