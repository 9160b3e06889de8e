import {
  type Attributes,
  type Context,
  type Span,
  SpanStatusCode,
  TraceFlags,
  context,
  trace,
} from "@opentelemetry/api";
import type { MeshError } from "../errors.ts";
import type { Trace } from "../protocol/trace.ts";
import { Attribute } from "./attributes.ts";

/** A span that has begun, and what is done inside it. */
export class OpenSpan {
  /** As it goes to whoever works for it. */
  readonly trace: Trace;
  private readonly span: Span;
  private readonly inside: Context;

  /** @param around the context in which it has begun */
  constructor(span: Span, around: Context) {
    this.span = span;
    this.inside = trace.setSpan(around, span);
    this.trace = traceOf(span);
  }

  /** Runs something whose own spans are children of this one, and returns what it returns. */
  within<T>(run: () => T): T {
    return context.with(this.inside, run);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes(attributes);
  }

  event(name: string, attributes?: Attributes): void {
    this.span.addEvent(name, attributes);
  }

  /**
   * @param error what it has failed with; undefined when it has not
   * @param at milliseconds since 1970. Default: now
   */
  end(error?: MeshError, at?: number): void {
    if (error) {
      const { code, message } = error;
      this.span.setAttribute(Attribute.errorType, code);
      this.span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.span.end(at);
  }
}

/** A span as it goes to whoever works for it. */
export function traceOf(span: Span): Trace {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  return {
    traceId,
    spanId,
    sampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
    state: traceState?.serialize(),
  };
}
