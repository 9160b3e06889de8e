import type { Clock } from "../clock.ts";
import type { AttemptOptions, MeshStream, Served } from "../contract/caller.ts";
import type { OnAsk } from "../contract/question.ts";
import { MeshError } from "../errors.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Attempt, Work } from "./work.ts";
import type { Target } from "./target.ts";

/** Makes one attempt at a target. */
export interface Asker {
  unary(target: Target, options: AttemptOptions): Promise<unknown>;
  stream(target: Target, options: AttemptOptions): MeshStream<unknown>;
}

/** What all attempts at one request have in common. */
export interface Common extends Omit<Work<unknown>, "attempt"> {
  readonly idempotencyKey: string;
  readonly typed?: boolean | undefined;
  readonly undegraded: boolean;
  /** Undefined: that of the request which is being served. */
  readonly priority?: Priority | undefined;
  readonly session?: string | undefined;
  /** Undefined: whoever answers for the request which is being served. */
  readonly onAsk?: OnAsk | undefined;
  readonly tokens?: number | undefined;
  readonly window?: number | undefined;
  /** Undefined: that of the request which is being served. */
  readonly trace?: Trace | undefined;
}

/** An answer, and who gave it. */
export interface Answered {
  readonly value: unknown;
  readonly served: Served | undefined;
}

/** A stream whose first chunk, or end, is there. */
export interface Opened {
  readonly first: IteratorResult<unknown>;
  readonly rest: AsyncIterator<unknown>;
  /** Who gives it; known when it has ended. */
  readonly served: () => Served | undefined;
}

/** One value. */
export function unaryWork(asker: Asker, common: Common): Work<Answered> {
  return {
    ...common,
    async attempt(target, how) {
      let served: Served | undefined;
      const value = await asker.unary(target, {
        ...optionsOf(common, how),
        timeout: how.timeoutMs,
        onServed: (by) => (served = by),
      });
      return { value, served };
    },
  };
}

/** A stream; the time of an attempt is that to its first chunk. */
export function streamWork(asker: Asker, common: Common, clock: Clock): Work<Opened> {
  return {
    ...common,
    async attempt(target, how) {
      let served: Served | undefined;
      let hasAsked = false;
      const onAsked = (): void => {
        hasAsked = true;
        how.onAsked();
      };
      const stream = asker.stream(target, {
        ...optionsOf(common, { ...how, onAsked }),
        from: how.from,
        timeout: Math.max(1, common.deadlineAt - clock.now()),
        ...(common.window === undefined ? {} : { window: common.window }),
        isResumable: common.isResumable,
        onServed: (by) => (served = by),
      });
      const rest = stream[Symbol.asyncIterator]();
      const first = await within(clock, how.timeoutMs, rest, () => hasAsked);
      return { first, rest, served: () => served };
    },
  };
}

function optionsOf(common: Common, how: Attempt): AttemptOptions {
  const { idempotencyKey, isIdempotent, typed = false } = common;
  const undegraded = common.undegraded || how.undegraded;
  const { signal, avoid, retries, onHeld, onAsked, trial } = how;
  const { onAsk, trace } = common;
  return {
    idempotencyKey,
    idempotent: isIdempotent,
    typed,
    avoid,
    retries,
    onHeld,
    trial,
    ...(trace ? { trace } : {}),
    ...(signal ? { signal } : {}),
    ...(common.priority === undefined ? {} : { priority: common.priority }),
    ...(onAsk ? { onAsk: (question, asking) => (onAsked(), onAsk(question, asking)) } : {}),
    ...(common.session === undefined ? {} : { session: common.session }),
    ...(common.tokens === undefined ? {} : { tokens: common.tokens }),
    ...(undegraded ? { degraded: "never" as const } : {}),
  };
}

/** The first step of a stream. One that is too late is cancelled, unless it waits for its caller. */
async function within(
  clock: Clock,
  ms: number,
  stream: AsyncIterator<unknown>,
  hasAsked: () => boolean,
): Promise<IteratorResult<unknown>> {
  let stop = (): void => {};
  const late = new Promise<never>((_resolve, reject) => {
    stop = clock.after(ms, () => {
      if (hasAsked()) return;
      reject(new MeshError("timeout", `no first chunk within ${Math.round(ms)} ms.`));
      void stream.return?.();
    });
  });
  try {
    return await Promise.race([stream.next(), late]);
  } finally {
    stop();
  }
}
