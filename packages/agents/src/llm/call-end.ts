import { type Clock, MeshError } from "@shoal/mesh";

interface Terms {
  readonly clock: Clock;
  readonly stallMs: number;
  readonly signal: AbortSignal;
}

/** Ends a call of a model: by its caller's will, or when nothing comes for too long. */
export class CallEnd {
  /** Why it was ended; undefined while it was not. */
  reason: unknown;
  private readonly terms: Terms;
  private readonly stalled: () => MeshError;
  private readonly controller = new AbortController();
  private heardAt: number;
  /** Whoever reads has enough for now: the model is not to blame. */
  private isResting = false;
  private stopTimer: () => void = () => {};

  constructor(terms: Terms, stalled: () => MeshError) {
    this.terms = terms;
    this.stalled = stalled;
    this.heardAt = terms.clock.now();
    const { signal } = terms;
    if (signal.aborted) this.leave();
    else {
      signal.addEventListener("abort", this.leave);
      this.watch(terms.stallMs);
    }
  }

  /** Fires when the call must end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something has come, or is waited for again. */
  heard(): void {
    this.isResting = false;
    this.heardAt = this.terms.clock.now();
  }

  /** Nothing is waited for. */
  rest(): void {
    this.isResting = true;
  }

  /** What comes first: a promise's outcome, or the end. */
  orElse<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(this.signal.reason as Error);
      if (this.signal.aborted) ended();
      else this.signal.addEventListener("abort", ended, { once: true });
      // Also where nobody waits for it any more: a rejection that nobody hears would end the process.
      promise.then(resolve, reject);
    });
  }

  /** The call is over: what is still under way for it ends, too. */
  close(): void {
    this.stopTimer();
    this.terms.signal.removeEventListener("abort", this.leave);
    this.controller.abort();
  }

  private watch(ms: number): void {
    this.stopTimer = this.terms.clock.after(ms, () => {
      const { clock, stallMs } = this.terms;
      const silentMs = this.isResting ? 0 : clock.now() - this.heardAt;
      if (silentMs >= stallMs) this.end(this.stalled());
      else this.watch(stallMs - silentMs);
    });
  }

  private readonly leave = (): void =>
    this.end(this.terms.signal.reason ?? new MeshError("cancelled", "the caller gave up."));

  private end(reason: unknown): void {
    this.reason = reason;
    this.stopTimer();
    this.controller.abort(reason);
  }
}
