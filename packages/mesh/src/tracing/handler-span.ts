import type { Span, SpanFields, SpanOptions } from "../contract/span.ts";
import type { MeshError } from "../errors.ts";
import type { Trace } from "../protocol/trace.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import { spanOf } from "../protocol/trace.ts";
import type { Journal } from "./journal.ts";
import type { OpenSpan } from "./open-span.ts";
import type { RequestSpans } from "./request-spans.ts";
import type { WallClock } from "./wall-clock.ts";

export interface SpanParts {
  readonly wall: WallClock;
  /** Undefined where nobody records spans. */
  readonly spans: RequestSpans | undefined;
  readonly journal: Journal | undefined;
  /** That of the request. */
  readonly trace: Trace;
}

/** A piece of a handler's work, as a span and as a record of the node. */
export class HandlerSpan implements Span {
  private readonly parts: SpanParts;
  private readonly name: string;
  private readonly span: OpenSpan | undefined;
  private readonly beganAt: number;
  private fields: SpanFields;
  private hasEnded = false;

  constructor(parts: SpanParts, name: string, { kind = "internal", fields = {} }: SpanOptions = {}) {
    this.parts = parts;
    this.name = name;
    this.fields = fields;
    this.beganAt = parts.wall.now;
    this.span = parts.spans?.piece(
      name,
      { kind, attributes: attributesOf(fields), startAt: this.beganAt },
      parts.trace,
    );
  }

  within<T>(run: () => T): T {
    return this.span ? this.span.within(run) : run();
  }

  set(fields: SpanFields): void {
    if (this.hasEnded) return;
    this.fields = { ...this.fields, ...fields };
    this.span?.set(attributesOf(fields));
  }

  end(error?: MeshError): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    const { wall, journal, trace } = this.parts;
    const { name, span, fields, beganAt: at } = this;
    const { now } = wall;
    span?.end(error, now);
    const own = span?.trace.spanId ?? spanOf(requestIdText(newRequestId()));
    journal?.piece(
      { trace: trace.traceId, parent: trace.spanId, span: own, name, at, tookMs: now - at, fields },
      error,
    );
  }
}

function attributesOf(fields: SpanFields): Record<string, string | number | boolean | string[]> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === "object" ? [...value] : value]),
  );
}
