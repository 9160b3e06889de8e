import { batchBy } from "../batch/batch.ts";
import type { Batch, Items } from "../batch/options.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { CallBatchOptions, CallOptions, Caller, UnaryMethod } from "../contract/caller.ts";
import type { MeshError } from "../errors.ts";
import { parseTarget } from "../protocol/names.ts";

/** What else a caller has to say of its batches. */
export interface CallBatchParts {
  /** Default: the system's. */
  readonly clock?: Pick<Clock, "now">;
  /** Gives up with the batch's own signal: that of the request that is being served. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * `Caller.batch` for whoever can call.
 * @throws MeshError `bad_request` for a name that is none, and for options that make no sense
 */
export function callBatch<I, O>(
  caller: Pick<Caller, "call">,
  target: string | UnaryMethod<I, O>,
  items: Items<I>,
  options: CallBatchOptions<I> = {},
  { clock = systemClock, signal: outer }: CallBatchParts = {},
): Batch<I, O, MeshError> {
  if (typeof target === "string") parseTarget(target);
  const { concurrency, ordered, window, onProgress, signal, idempotencyKey, onServed, ...rest } = options;
  const ask: UnaryMethod<I, O> =
    typeof target === "string" ? (input, each) => caller.call(target, input, each) as Promise<O> : target;
  const given = [signal, outer].filter((each) => each !== undefined);
  const both = given.length > 1 ? AbortSignal.any(given) : given[0];
  return batchBy(
    clock,
    items,
    { concurrency, ordered, window, onProgress, signal: both },
    (item: I, task): Promise<O> => {
      const each: CallOptions = { ...rest, signal: task.signal };
      if (idempotencyKey) each.idempotencyKey = idempotencyKey(item, task.index);
      if (onServed) each.onServed = (served) => onServed(served, task.index);
      return ask(item, each);
    },
  ) as Batch<I, O, MeshError>;
}
