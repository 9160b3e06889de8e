import type { Concurrency } from "../limit/concurrency.ts";

/** What a batch works on: an array, a generator, anything that can be read one by one. */
export type Items<T> = Iterable<T> | AsyncIterable<T>;

/** What became of one item. `index` is its place among the items, from 0. */
export type Settled<I, O, E = unknown> =
  | { readonly index: number; readonly item: I; readonly status: "fulfilled"; readonly value: O }
  | { readonly index: number; readonly item: I; readonly status: "rejected"; readonly reason: E };

/** How far a batch is. */
export interface BatchProgress {
  /** Items that have ended: `ok` and `failed` together. */
  readonly done: number;
  readonly ok: number;
  readonly failed: number;
  /** Items that are being worked on. */
  readonly inFlight: number;
  /** How many may be, now. */
  readonly limit: number;
  /** How many items there are: known for arrays, maps and sets, and for others when they have been read to their end. */
  readonly total: number | undefined;
}

export interface BatchOptions {
  /** Items worked on at once: so many, or as many as a policy finds. Default `{ policy: "gradient" }`. */
  readonly concurrency?: Concurrency | undefined;
  /** Results come in the order of the items. Default true; false: as they come. */
  readonly ordered?: boolean | undefined;
  /**
   * Items that there are at most between the source and the reader: being worked on, done and waiting for an earlier one
   * or for the reader, and the one that the reader has before it. When there are so many it reads no further. Default:
   * twice the limit of the moment.
   */
  readonly window?: number | undefined;
  /** Told after each item. What it throws ends the batch. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Gives up: what runs is cancelled, nothing more is read, and the reader gets `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** What a worker is told beside its item. */
export interface BatchTask {
  readonly index: number;
  /** Fires when the batch is given up, or its reader leaves. */
  readonly signal: AbortSignal;
}

export type BatchWorker<I, O> = (item: I, task: BatchTask) => O | PromiseLike<O>;

/**
 * Results, one for each item. The work begins when it is first read, and goes no further ahead of its reader than the
 * window. Leaving the loop early cancels what runs. It can be read once.
 */
export interface Batch<I, O, E = unknown> extends AsyncIterable<Settled<I, O, E>> {
  /** All results, in the order of the items. @throws what the items threw, or `cancelled` when the signal fired */
  collect(): Promise<Settled<I, O, E>[]>;
}
