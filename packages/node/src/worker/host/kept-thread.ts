import { setTimeout as sleep } from "node:timers/promises";
import { Backoff, type Context, MeshError } from "@shoal/mesh";
import type { Boot } from "../protocol.ts";
import { type Limits, type Surroundings, Thread } from "./thread.ts";

/** What a thread gets for its own `onStop`. */
const STOP_MS = 10_000;

/**
 * A replica's thread, and the next one when it dies.
 *
 * B3: when it dies, what ran in it is `replica_lost`, and the next one starts in the background, with a state of its own.
 * B4: a replica that has stopped leaves no thread behind, whatever its handlers do.
 */
export class KeptThread {
  private readonly found: Omit<Boot, "replica">;
  private readonly limits: Limits;
  private readonly backoff = new Backoff();
  private readonly stopping = new AbortController();
  private surroundings: Surroundings | undefined;
  /** The newest: it may be starting. */
  private thread: Thread | undefined;
  /** Undefined while there is none that serves. */
  private serving: Thread | undefined;
  private next: Promise<Thread> | undefined;

  constructor(found: Omit<Boot, "replica">, limits: Limits) {
    this.found = found;
    this.limits = limits;
  }

  /** What the agent shows of its state, as of its last request. */
  get shown(): Readonly<Record<string, unknown>> {
    return this.thread?.shown ?? {};
  }

  /** Resolves when the agent's `onStart` has run in the thread. Rejects with what it throws. */
  async start(surroundings: Surroundings): Promise<void> {
    this.surroundings = surroundings;
    await this.launch(surroundings);
  }

  async value(method: string, input: unknown, ctx: Context): Promise<unknown> {
    const thread = this.serving ?? (await this.nextFor(ctx));
    return thread.value(method, input, ctx);
  }

  async *chunks(method: string, input: unknown, ctx: Context): AsyncGenerator<unknown, void> {
    const thread = this.serving ?? (await this.nextFor(ctx));
    yield* thread.chunks(method, input, ctx);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // B4
    await this.thread?.stop(STOP_MS);
  }

  private async launch(surroundings: Surroundings): Promise<Thread> {
    const { found, limits, stopping } = this;
    stopping.signal.throwIfAborted();
    const thread = new Thread({ ...found, replica: surroundings.replica }, surroundings, limits);
    this.thread = thread;
    await thread.ready;
    thread.onGone((why, error) => this.replace(thread, why, error));
    this.serving = thread;
    return thread;
  }

  /** B3 */
  private replace({ readyAt }: Thread, why: string, error: Error | undefined): void {
    this.serving = undefined;
    if (this.stopping.signal.aborted || !this.surroundings) return;
    this.restart(this.surroundings, why, error, performance.now() - readyAt);
  }

  private restart(around: Surroundings, why: string, error: Error | undefined, aliveMs: number): void {
    const waitMs = this.backoff.next(aliveMs);
    around.log.error({ err: error, why, waitMs }, "the handlers' thread has died: another one starts");
    const next = this.relaunch(around, waitMs);
    this.next = next;
    next.then(
      () => around.emit("restarted", { why }),
      (failure: unknown) => {
        if (!this.stopping.signal.aborted) this.restart(around, String(failure), failure as Error, 0);
      },
    );
  }

  private async relaunch(around: Surroundings, waitMs: number): Promise<Thread> {
    await sleep(waitMs, undefined, { signal: this.stopping.signal, ref: false });
    return this.launch(around);
  }

  /** The thread that is to come; a request does not wait for it beyond its own end. */
  private async nextFor({ signal, request }: Context): Promise<Thread> {
    const ended = Promise.withResolvers<never>();
    const end = (): void => ended.reject(signal.reason as Error);
    signal.addEventListener("abort", end);
    try {
      const thread = await Promise.race([this.next ?? ended.promise, ended.promise]);
      signal.throwIfAborted();
      return thread;
    } catch (error) {
      if (signal.aborted) throw error;
      throw new MeshError(
        "unavailable",
        `${request.agent}.${request.method} has no thread to run in, and a new one does not start: ${String(error)}`,
        { cause: error },
      );
    } finally {
      signal.removeEventListener("abort", end);
    }
  }
}
