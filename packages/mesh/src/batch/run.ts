import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Limiter } from "../limit/limiter.ts";
import { signOf } from "../limit/overload.ts";
import type { BatchOptions, BatchWorker, Settled } from "./options.ts";
import { AsTheyCome, InOrder, type Outbox } from "./outbox.ts";
import type { Source } from "./source.ts";

/**
 * A batch at work.
 *
 * E1: every item is worked on exactly once, and has one result, however the limit moves meanwhile.
 * E2: what is held is never more than the window: at work, done and not yet taken, or before the reader. Reading stops there.
 * E3: an item that fails is a result like any other.
 * E4: when the reader leaves, or the signal fires, what runs is cancelled and nothing more is read.
 * E5: one that ends makes room for the next at once: nobody waits for the slowest of several.
 */

type Step<I> = IteratorResult<I, unknown>;

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined };
/** Items held for each one at work. */
const WINDOW = 2;

export interface RunParts<I, O> {
  readonly source: Source<I>;
  readonly worker: BatchWorker<I, O>;
  readonly limiter: Limiter;
  readonly clock: Pick<Clock, "now">;
  readonly options: BatchOptions;
}

interface Waiter<I, O> {
  resolve(result: IteratorResult<Settled<I, O>, undefined>): void;
  reject(error: unknown): void;
}

export class Run<I, O> implements AsyncIterator<Settled<I, O>, undefined> {
  private readonly parts: RunParts<I, O>;
  private readonly outbox: Outbox<I, O>;
  private readonly giveUp = new AbortController();
  private readonly waiters: Waiter<I, O>[] = [];
  /** Items read so far, and those of them that have ended. */
  private read = 0;
  private ok = 0;
  private failed = 0;
  private inFlight = 0;
  /** Items read that the reader is not done with, and those of them that it has before it. */
  private held = 0;
  private lent = 0;
  /** An item is on its way. */
  private isReading = false;
  private isRead = false;
  private isOver = false;
  private failure: { readonly error: unknown } | undefined;

  constructor(parts: RunParts<I, O>) {
    this.parts = parts;
    this.outbox = (parts.options.ordered ?? true) ? new InOrder() : new AsTheyCome();
    const { signal } = parts.options;
    if (signal?.aborted) this.cancelled();
    else signal?.addEventListener("abort", this.cancelled);
  }

  next(): Promise<IteratorResult<Settled<I, O>, undefined>> {
    // Whoever asks for the next one is done with those before.
    this.held -= this.lent;
    this.lent = 0;
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.deliver();
      this.fill();
    });
  }

  /** The reader leaves. */
  async return(): Promise<IteratorResult<Settled<I, O>, undefined>> {
    await this.stop(new MeshError("cancelled", "the reader of the batch has left."));
    return DONE;
  }

  /** Starts what there is room for. */
  private fill(): void {
    const { limiter, source, options } = this.parts;
    while (!this.isOver && !this.isRead && !this.isReading && this.inFlight < limiter.slots) {
      // E2
      if (this.held >= (options.window ?? WINDOW * limiter.slots)) return;
      try {
        const step = source.next();
        if (step instanceof Promise) this.await(step);
        else this.take(step);
      } catch (error) {
        this.unreadable(error);
      }
    }
  }

  private await(step: Promise<Step<I>>): void {
    this.isReading = true;
    const goOn = (took: () => void): void => {
      this.isReading = false;
      if (this.isOver) return;
      took();
      this.fill();
    };
    step.then(
      (read) => goOn(() => this.take(read)),
      (error: unknown) => goOn(() => this.unreadable(error)),
    );
  }

  private take(step: Step<I>): void {
    if (step.done) {
      this.isRead = true;
      this.deliver();
    } else void this.work(step.value);
  }

  /** What has begun is finished first. */
  private unreadable(error: unknown): void {
    this.isRead = true;
    this.failure = { error };
    this.deliver();
  }

  private async work(item: I): Promise<void> {
    const { worker, clock } = this.parts;
    // E1
    const index = this.read++;
    this.held++;
    this.inFlight++;
    const startedAt = clock.now();
    try {
      const value = await worker(item, { index, signal: this.giveUp.signal });
      this.ended(startedAt, { index, item, status: "fulfilled", value });
    } catch (reason) {
      // E3
      this.ended(startedAt, { index, item, status: "rejected", reason });
    }
  }

  private ended(startedAt: number, result: Settled<I, O>): void {
    if (this.isOver) return;
    const { limiter, clock } = this.parts;
    const isOk = result.status === "fulfilled";
    limiter.record(startedAt, clock.now(), this.inFlight--, isOk ? "ok" : signOf(result.reason));
    if (isOk) this.ok++;
    else this.failed++;
    this.outbox.put(result);
    this.deliver();
    // E5
    this.fill();
    this.tell();
  }

  private tell(): void {
    const { ok, failed, inFlight, isRead, read } = this;
    const { options, limiter, source } = this.parts;
    const total = isRead ? read : source.size;
    try {
      options.onProgress?.({ done: ok + failed, ok, failed, inFlight, limit: limiter.slots, total });
    } catch (error) {
      this.fail(error);
    }
  }

  /** Gives results to whoever waits for them, and tells when there are no more. */
  private deliver(): void {
    while (this.waiters.length > 0) {
      const result = this.isOver ? undefined : this.outbox.take();
      if (result) {
        this.lent++;
        this.waiters.shift()?.resolve({ done: false, value: result });
      } else if (this.isOver || (this.isRead && this.held === this.lent)) {
        this.end();
        const { failure } = this;
        this.failure = undefined;
        if (failure) this.waiters.shift()?.reject(failure.error);
        else this.waiters.shift()?.resolve(DONE);
      } else return;
    }
  }

  private readonly cancelled = (): void => {
    const cause: unknown = this.parts.options.signal?.reason;
    this.fail(new MeshError("cancelled", "the batch was given up.", { cause }));
  };

  /** Ends it at once, for this reason. */
  private fail(error: unknown): void {
    if (this.isOver) return;
    this.failure = { error };
    // What gives the items may fail to clean up: there is a reason already.
    this.stop(error).catch(() => {});
  }

  /** E4. Resolves when what gives the items has cleaned up; one that still owes an item does so in its own time. */
  private async stop(why: unknown): Promise<void> {
    const { isRead, isOver, isReading } = this;
    this.end();
    this.giveUp.abort(why);
    this.deliver();
    if (isRead || isOver) return;
    const closing = this.parts.source.close();
    if (isReading) closing.catch(() => {});
    else await closing;
  }

  private end(): void {
    this.isOver = true;
    this.parts.options.signal?.removeEventListener("abort", this.cancelled);
  }
}
