import { type Context, ROOT_CONTEXT, SpanKind, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

/** An SDK of OpenTelemetry that keeps what it is given; registered until it is disposed of. */
export class RecordedSpans implements Disposable {
  private readonly exporter = new InMemorySpanExporter();

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: this.exporter })] }),
    );
  }

  get all(): ReadableSpan[] {
    return this.exporter.getFinishedSpans();
  }

  /** The one of this name, and of this kind where that is given. @throws Error with the names that there are */
  one(name: string, kind?: SpanKind): ReadableSpan {
    const found = this.named(name, kind);
    if (found.length === 1) return found[0] as ReadableSpan;
    const names = this.all.map((span) => `${SpanKind[span.kind]} ${span.name}`).join(", ");
    throw new Error(`${found.length} spans are "${name}": ${names}`);
  }

  named(name: string, kind?: SpanKind): ReadableSpan[] {
    return this.all.filter((span) => span.name === name && (kind === undefined || span.kind === kind));
  }

  [Symbol.dispose](): void {
    trace.disable();
    context.disable();
  }
}

export function isChild(span: ReadableSpan, parent: ReadableSpan): boolean {
  const { traceId, spanId } = parent.spanContext();
  return span.spanContext().traceId === traceId && span.parentSpanContext?.spanId === spanId;
}

/** Runs something inside a span of the app. */
export function inSpan<T>(name: string, run: () => T, around: Context = ROOT_CONTEXT): T {
  const span = trace.getTracer("app").startSpan(name, {}, around);
  try {
    return context.with(trace.setSpan(around, span), run);
  } finally {
    span.end();
  }
}
