import {
  type Attributes,
  type Context,
  type Tracer as OtelTracer,
  type TracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  context,
  createTraceState,
  trace,
} from "@opentelemetry/api";
import { Header } from "../protocol/headers.ts";
import { type Trace, formatTraceparent } from "../protocol/trace.ts";
import { OpenSpan, traceOf } from "./open-span.ts";

/**
 * Spans of OpenTelemetry, where the app has registered an SDK.
 *
 * TR1: without an SDK there is no tracer: nothing is made, and nothing rides in requests for it.
 * TR2: what is called inside a span of the app is its child, and what a handler does is inside the span of its request.
 */

const NAME = "@shoal/mesh";

type Kind = "client" | "server" | "producer" | "consumer" | "internal";

const KINDS: Readonly<Record<Kind, SpanKind>> = {
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

export interface SpanOptions {
  /** Default `"internal"`. */
  readonly kind?: Kind;
  readonly attributes?: Attributes;
  /** Milliseconds since 1970. Default: now. */
  readonly startAt?: number;
}

export class Tracer {
  private readonly tracer: OtelTracer;

  constructor(tracer: OtelTracer) {
    this.tracer = tracer;
  }

  /** Begins a span here: a child of the present one, else of `parent`. */
  here(name: string, options: SpanOptions, parent?: Trace): OpenSpan {
    const active = context.active();
    const hasSpan = trace.getSpan(active) !== undefined;
    return this.begin(name, options, hasSpan || !parent ? active : contextOf(parent, active));
  }

  /** Begins a span as a child of `parent`. */
  under(parent: Trace, name: string, options: SpanOptions): OpenSpan {
    return this.begin(name, options, contextOf(parent, context.active()));
  }

  /** Begins a span for what came from elsewhere: whatever happens to be the present one has nothing to do with it. */
  from(parent: Trace | undefined, name: string, options: SpanOptions): OpenSpan {
    return this.begin(name, options, parent ? contextOf(parent, ROOT_CONTEXT) : ROOT_CONTEXT);
  }

  private begin(name: string, { kind, attributes, startAt }: SpanOptions, around: Context): OpenSpan {
    const span = this.tracer.startSpan(
      name,
      {
        kind: KINDS[kind ?? "internal"],
        ...(attributes ? { attributes } : {}),
        ...(startAt === undefined ? {} : { startTime: startAt }),
      },
      around,
    );
    return new OpenSpan(span, around);
  }
}

/** TR1: undefined where no SDK is registered by now. */
export function openTracer(): Tracer | undefined {
  const provider: TracerProvider & { getDelegateTracer?: (name: string) => unknown } =
    trace.getTracerProvider();
  // Until an SDK comes, the API has a stand-in for it.
  if (provider.getDelegateTracer && provider.getDelegateTracer(NAME) === undefined) return undefined;
  return new Tracer(provider.getTracer(NAME));
}

/** An SDK of OpenTelemetry is registered in this process: a mesh that connects now has its requests in spans. */
export function isTraced(): boolean {
  return openTracer() !== undefined;
}

/** The present span as headers, for what is worked on later; none where there is no span. */
export function presentTrace(): Record<string, string> {
  const span = trace.getActiveSpan();
  if (!span) return {};
  const { sampled, state, ...ids } = traceOf(span);
  const traceparent = formatTraceparent({ ...ids, sampled });
  return {
    [Header.traceparent]: traceparent,
    ...(state === undefined ? {} : { [Header.tracestate]: state }),
  };
}

/** A word on the present span, where there is one. */
export function noteOnSpan(name: string, attributes: Attributes): void {
  trace.getActiveSpan()?.addEvent(name, attributes);
}

/** Spans whose ids are those of requests are nowhere: what comes after them begins a trace, unless somebody wants this one. */
function contextOf({ traceId, spanId, sampled, state, derived }: Trace, around: Context): Context {
  if (derived && !sampled) return around;
  return trace.setSpanContext(around, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(state === undefined ? {} : { traceState: createTraceState(state) }),
  });
}
