import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";

/** How long one may wait. */
export interface Patience {
  /** By the clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
  /** What is asked for, in messages. */
  readonly what: string;
}

/**
 * What a client asks of one session is sent one after the other: requests of a session are worked on one at a time, and
 * those that are sent at once might come to different replicas, and so in any order.
 *
 * SE7: what one client asks of a session is worked on in the order in which it was asked, where the client knows the session.
 */
export class SessionLines {
  private readonly clock: Clock;
  /** Settles when the last one that has entered, and all before it, have left. */
  private readonly tails = new Map<string, Promise<void>>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /**
   * Waits for its turn.
   * @returns call it when the turn is over
   * @throws MeshError `deadline_exceeded`, `cancelled`
   */
  async enter(line: string, patience: Patience): Promise<() => void> {
    const before = this.tails.get(line);
    let over!: () => void;
    const isOver = new Promise<void>((resolve) => (over = resolve));
    const tail = before ? before.then(() => isOver) : isOver;
    this.tails.set(line, tail);
    void tail.then(() => {
      if (this.tails.get(line) === tail) this.tails.delete(line);
    });
    if (!before) return over;
    try {
      await this.wait(before, patience);
    } catch (error) {
      // Those behind wait for the one before still.
      over();
      throw error;
    }
    return over;
  }

  private wait(before: Promise<void>, { deadlineAt, signal, what }: Patience): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: MeshError): void => {
        stop();
        signal?.removeEventListener("abort", onAbort);
        if (error) reject(error);
        else resolve();
      };
      const onAbort = (): void =>
        settle(
          new MeshError("cancelled", `the caller gave up on ${what}.`, {
            hasBegun: false,
            cause: signal?.reason,
          }),
        );
      const stop = this.clock.after(Math.max(0, deadlineAt - this.clock.now()), () =>
        settle(
          new MeshError("deadline_exceeded", `${what} still waited for an earlier request of its session.`, {
            hasBegun: false,
          }),
        ),
      );
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
      void before.then(() => settle());
    });
  }
}
