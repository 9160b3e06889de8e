import type { z } from "zod";
import type { RateLimit } from "../contract/rate-limit.ts";
import type { Clock } from "../clock.ts";
import type { Duration } from "../duration.ts";
import type { ErrorCode } from "../errors.ts";
import type { Concurrency } from "../limit/concurrency.ts";
import type { RetryOptions } from "../policy/options.ts";
import type { GivenBy, Step } from "./step.ts";

/**
 * What becomes of an item whose stage has failed: it ends with the error (`stop`); it is left out (`skip`); it goes on
 * with the value that the stage was given (`continue`), with a value that is always the same (`answer`), or with what
 * another step makes of the stage's value (`fallback`). The last three mark the answer as degraded. A single item has
 * nothing to be left out of: there `skip` is `stop`.
 */
export type OnError<V, O> =
  "stop" | "skip" | "continue" | { readonly answer: O } | { readonly fallback: Step<V, O> };

/** Of every stage. */
export interface GroupOptions<V, O> {
  /** How long it may take in all, from when it begins. Default: as long as the request; a method: its own timeout. */
  readonly timeout?: Duration | undefined;
  /**
   * Items that are in it at once, in each replica of the pipeline: so many, or as many as a policy finds. The rest wait
   * before it. Default: no limit of its own; a `map` 8.
   */
  readonly concurrency?: Concurrency | undefined;
  /** Checks what it gives. */
  readonly output?: z.ZodType<O> | undefined;
  /** Default `stop`. */
  readonly onError?: OnError<V, NoInfer<O>> | undefined;
}

/** Of a stage that asks or computes. */
export interface StageOptions<V, O> extends GroupOptions<V, O> {
  /** Attempts in all, where more can help: what fails in a way that is retryable. Default: one. */
  readonly retry?: RetryOptions | number | false | undefined;
  /** How long one attempt may take. Default: what is left of the stage's time. */
  readonly attemptTimeout?: Duration | undefined;
  /** Doing its work twice does no harm, whatever the method's contract says. Functions are trusted to be so. */
  readonly idempotent?: boolean | undefined;
}

/** The same of a stage that goes on with what it was given when it fails. */
export type Passing<T> = Omit<T, "onError"> & { readonly onError: "continue" };

export interface GateOptions<V> extends Pick<GroupOptions<V, V>, "timeout" | "concurrency"> {
  readonly onError?: OnError<V, V> | undefined;
  /** The code of the error when it stops. Default `bad_request`. */
  readonly code?: ErrorCode | undefined;
}

/** Of a gate behind which the value has another type. */
export type NarrowingOptions<V> = Omit<GateOptions<V>, "onError"> & {
  readonly onError?: "stop" | "skip" | undefined;
};

/** A step of several side by side, with options of its own. */
export interface Optioned<V, O> extends StageOptions<V, O> {
  readonly step: Step<V, O>;
}

export type Arm<V> = Step<V, unknown> | Optioned<V, unknown>;
export type Arms<V> = Readonly<Record<string, Arm<V>>>;

type GivenByArm<A> = A extends { readonly step: infer S } ? GivenBy<S> : GivenBy<A>;

/** What each of several arms gives, by its name. */
export type Results<A> = { -readonly [K in keyof A]: GivenByArm<A[K]> };

/** What one of several arms gives. */
export type OneOf<A> = GivenByArm<A[keyof A]>;

/** What a list, or anything else that can be read one by one, is made of; a text is no list. */
export type ElementOf<V> = V extends string
  ? unknown
  : V extends Iterable<infer E> | AsyncIterable<infer E>
    ? E
    : unknown;

export interface PipelineOptions<I extends z.ZodType = z.ZodType> {
  /** `[a-z0-9][a-z0-9-]{0,62}` */
  readonly name: string;
  /** Default `1.0.0`. */
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** Checks each item before its first stage. */
  readonly input: I;
  /** The deadline of `run` when the caller names none. Default 30 s. */
  readonly timeout?: Duration | undefined;
  /** Items of one `each` that are under way at once. Default 16. */
  readonly items?: number | undefined;
  /** Requests at once in each replica, and those that may wait. Default 100 and 1,000. */
  readonly concurrency?: number | undefined;
  readonly mailbox?: number | undefined;
  readonly rateLimit?: RateLimit | undefined;
  /** Running an item twice does no harm. Default: true when all its stages are methods that say so. */
  readonly idempotent?: boolean | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}
