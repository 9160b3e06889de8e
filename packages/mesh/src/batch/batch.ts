import { type Clock, systemClock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { type Concurrency, checkConcurrency } from "../limit/concurrency.ts";
import { Limiter } from "../limit/limiter.ts";
import type { Batch, BatchOptions, BatchWorker, Items, Settled } from "./options.ts";
import { Run, type RunParts } from "./run.ts";
import { Source } from "./source.ts";

const DEFAULT_CONCURRENCY: Concurrency = { policy: "gradient" };

/**
 * Does the same work for many items, several at once.
 *
 *     for await (const result of batch(urls, { concurrency: 8 }, (url, { signal }) => fetch(url, { signal }))) {
 *       if (result.status === "fulfilled") console.log(result.item, result.value.status);
 *     }
 *
 * @param worker what it throws is the item's result, and fails nothing else
 * @throws MeshError `bad_request` for options that make no sense
 */
export function batch<I, O>(
  items: Items<I>,
  options: BatchOptions,
  worker: BatchWorker<I, O>,
): Batch<I, Awaited<O>> {
  return batchBy(systemClock, items, options, worker);
}

/** The same, with another idea of time. */
export function batchBy<I, O>(
  clock: Pick<Clock, "now">,
  items: Items<I>,
  options: BatchOptions,
  worker: BatchWorker<I, O>,
): Batch<I, Awaited<O>> {
  const { concurrency = DEFAULT_CONCURRENCY, window } = options;
  checkConcurrency("batch: concurrency", concurrency);
  if (window !== undefined && !(Number.isInteger(window) && window >= 1))
    throw new MeshError("bad_request", `batch: window is ${window}; it must be a whole number from 1.`);
  const parts = { source: new Source(items), worker, limiter: new Limiter(concurrency), clock, options };
  return new Reading(parts) as unknown as Batch<I, Awaited<O>>;
}

class Reading<I, O> implements Batch<I, O> {
  private readonly parts: RunParts<I, O>;
  private isRead = false;

  constructor(parts: RunParts<I, O>) {
    this.parts = parts;
  }

  /** @throws MeshError `bad_request` the second time: the work is not done twice */
  [Symbol.asyncIterator](): AsyncIterator<Settled<I, O>, undefined> {
    if (this.isRead) throw new MeshError("bad_request", "a batch can be read once: make another one.");
    this.isRead = true;
    return new Run(this.parts);
  }

  async collect(): Promise<Settled<I, O>[]> {
    const results: Settled<I, O>[] = [];
    for await (const result of this) results.push(result);
    return results.sort((a, b) => a.index - b.index);
  }
}
