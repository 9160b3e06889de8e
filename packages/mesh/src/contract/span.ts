import type { MeshError } from "../errors.ts";

/** What is told of a span, by name. */
export type SpanFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface SpanOptions {
  /** `"client"`: it is a request to another system. Default `"internal"`. */
  readonly kind?: "client" | "internal";
  readonly fields?: SpanFields;
}

/** A piece of a handler's work that is seen by itself in traces. */
export interface Span {
  /** Runs something inside it: spans that this makes are its children. Returns what that returns. */
  within<T>(run: () => T): T;
  /** Says more of it. Does nothing when it has ended. */
  set(fields: SpanFields): void;
  /** @param error what it has failed with; undefined when it has not. Does nothing when it has ended */
  end(error?: MeshError): void;
}
