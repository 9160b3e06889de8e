import type { Trace } from "../protocol/trace.ts";
import { Attribute, SYSTEM } from "./attributes.ts";
import { type CallOf, CallSpan, type CallSpanParts } from "./call-span.ts";

/** The spans of calls that are made here. */
export class CallTracing {
  private readonly parts: CallSpanParts;

  constructor(parts: CallSpanParts) {
    this.parts = parts;
  }

  /**
   * @param given the trace that the caller names for it
   * @param inherited that of the request which is being served, where there is no present span
   */
  begin(call: CallOf, given: Trace | undefined, inherited: Trace | undefined): CallSpan {
    const { tracer, wall, journal } = this.parts;
    const { agent, target, isKept = false, trial } = call;
    const options = {
      kind: isKept ? ("internal" as const) : ("client" as const),
      attributes: {
        [Attribute.system]: SYSTEM,
        [Attribute.method]: target,
        [Attribute.agent]: agent,
        ...(trial === undefined ? {} : { [Attribute.trial]: trial }),
      },
      startAt: wall.now,
    };
    const name = isKept ? `call ${target}` : target;
    const span = given ? tracer.under(given, name, options) : tracer.here(name, options, inherited);
    const parent = given ?? inherited;
    // Between the two requests there is a span that neither knows.
    if (parent?.traceId === span.trace.traceId) journal?.call(span.trace.spanId, parent);
    return new CallSpan(this.parts, span, target);
  }
}
