import type { z } from "zod";
import type { RequestInfo } from "../../contract/context.ts";
import type { MethodContracts } from "../../contract/contract.ts";

/** `cancelled`: its caller gave up, its time was up, or the mock's replica had to stop. */
export type Outcome = "running" | "answered" | "failed" | "cancelled";

/** One time that a mock was called. */
export interface MockCall<N extends string = string, I = unknown> {
  readonly method: N;
  /** As the handler of a real agent gets it: parsed by the schema. */
  readonly input: I;
  /** Attempt, idempotency key, chain, trace, priority, …; the time that was left when it came. */
  readonly request: RequestInfo;
  /** False when no expectation was for it. */
  readonly isExpected: boolean;
  readonly outcome: Outcome;
  /** What was answered; of a stream, the chunks so far. */
  readonly output: unknown;
  /** Why it failed. */
  readonly error: unknown;
}

/** The calls of a contract's methods: `method` tells the type of `input`. */
export type MockCallOf<M extends MethodContracts> = {
  [K in keyof M & string]: MockCall<K, z.output<M[K]["input"]>>;
}[keyof M & string];

/** A call that goes on. */
export type OpenCall = { -readonly [K in keyof MockCall]: MockCall[K] };
